CREATE TABLE history (
    id uuid PRIMARY KEY,
    correlation uuid NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    time_us bigint NOT NULL,
    version bigint NOT NULL,
    causation uuid,
    actor text,
    payload text NOT NULL
);
CREATE INDEX history_case ON history (correlation, time_us, version, id);

CREATE TABLE offering_view (
    generation bigint NOT NULL,
    offering_id uuid NOT NULL,
    version bigint NOT NULL,
    business text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    units bigint NOT NULL,
    price bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (generation, offering_id)
);
CREATE INDEX offering_business ON offering_view (generation, business, offering_id);

CREATE TABLE reservation_view (
    generation bigint NOT NULL,
    reservation_id uuid NOT NULL,
    version bigint NOT NULL,
    status text,
    offering_id uuid,
    offering_name text,
    business text,
    guest_id text,
    kind text,
    quantity bigint,
    span_from text,
    span_to text,
    timezone text,
    total bigint,
    currency text,
    placed_us bigint,
    deadline text,
    reason text,
    payment_version bigint NOT NULL,
    payment_status text,
    captured bigint,
    refunded bigint,
    payment_currency text,
    PRIMARY KEY (generation, reservation_id)
);
CREATE INDEX reservation_offering ON reservation_view (generation, offering_id);
CREATE INDEX reservation_guest ON reservation_view (generation, guest_id, placed_us, reservation_id);
CREATE INDEX reservation_business ON reservation_view (generation, business, placed_us, reservation_id);

CREATE TABLE projection (
    id integer PRIMARY KEY CHECK (id = 1),
    serving bigint NOT NULL,
    building bigint
);
INSERT INTO projection (id, serving, building) VALUES (1, 1, NULL);

CREATE TABLE rebuild (
    generation bigint PRIMARY KEY,
    stage text NOT NULL,
    stream_position bigint NOT NULL,
    stream_until bigint,
    events_read bigint NOT NULL,
    events_all bigint,
    started_us bigint NOT NULL,
    ended_us bigint
);
