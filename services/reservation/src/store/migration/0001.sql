CREATE TABLE offering (
    offering_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    open boolean NOT NULL,
    business text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    timezone text NOT NULL,
    slot_minutes bigint,
    starts_us bigint,
    price_amount bigint NOT NULL CHECK (price_amount >= 0),
    currency text NOT NULL,
    payment text NOT NULL,
    on_payment_outage text NOT NULL,
    late_money text NOT NULL,
    hold_seconds bigint NOT NULL,
    cancellation text NOT NULL
);

CREATE TABLE allotment (
    offering_id uuid NOT NULL,
    bucket bigint NOT NULL,
    taken bigint NOT NULL CHECK (taken >= 0),
    ceiling bigint NOT NULL,
    PRIMARY KEY (offering_id, bucket),
    CHECK (taken <= ceiling)
);

CREATE TABLE reservation (
    reservation_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    status text NOT NULL,
    offering_id uuid NOT NULL,
    offering_name text NOT NULL,
    business text NOT NULL,
    guest_id text NOT NULL,
    language text NOT NULL,
    kind text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    from_text text NOT NULL,
    to_text text,
    buckets text NOT NULL,
    timezone text NOT NULL,
    starts_us bigint NOT NULL,
    ends_us bigint NOT NULL,
    total_amount bigint NOT NULL,
    currency text NOT NULL,
    payment text NOT NULL,
    on_payment_outage text NOT NULL,
    late_money text NOT NULL,
    capture text NOT NULL,
    payment_method text,
    cancellation text NOT NULL,
    placed_us bigint NOT NULL,
    deadline_us bigint,
    intent_due_us bigint,
    keep bigint,
    reason text
);
CREATE INDEX reservation_deadline ON reservation (deadline_us) WHERE status = 'held';
CREATE INDEX reservation_intent ON reservation (intent_due_us) WHERE intent_due_us IS NOT NULL;
CREATE INDEX reservation_end ON reservation (ends_us) WHERE status IN ('confirmed', 'checked_in');
