CREATE TABLE payment (
    reservation_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    claim_version bigint,
    standing text,
    keep bigint,
    total_amount bigint NOT NULL CHECK (total_amount >= 0),
    currency text NOT NULL,
    method text NOT NULL,
    status text NOT NULL,
    requested_us bigint,
    due_us bigint,
    attempts bigint NOT NULL,
    captured bigint,
    captured_us bigint,
    refunded bigint,
    refund_goal bigint,
    refusals bigint NOT NULL,
    reason text,
    CHECK (refunded <= captured),
    CHECK (refund_goal <= captured)
);
CREATE INDEX payment_due ON payment (due_us) WHERE due_us IS NOT NULL;
