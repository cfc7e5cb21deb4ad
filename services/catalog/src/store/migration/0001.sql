CREATE TABLE offering (
    offering_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    open boolean NOT NULL,
    created_us bigint NOT NULL,
    made_by uuid NOT NULL,
    business text NOT NULL,
    name text NOT NULL,
    description text,
    place text,
    kind text NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    timezone text NOT NULL,
    slot_minutes bigint,
    starts_us bigint,
    price_amount bigint NOT NULL CHECK (price_amount >= 0),
    currency text NOT NULL,
    payment text NOT NULL,
    on_payment_outage text,
    late_money text NOT NULL,
    hold_seconds bigint NOT NULL,
    cancellation text NOT NULL,
    search_text text NOT NULL
);
CREATE INDEX offering_created ON offering (created_us, offering_id);
CREATE INDEX offering_business ON offering (business, created_us, offering_id);
