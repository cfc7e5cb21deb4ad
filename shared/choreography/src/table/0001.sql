CREATE TABLE identity (
    id uuid PRIMARY KEY
);

CREATE TABLE outbox (
    batch uuid NOT NULL,
    position integer NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    correlation uuid NOT NULL,
    version bigint NOT NULL,
    causation uuid,
    actor text,
    traceparent text,
    payload text NOT NULL,
    created_us bigint NOT NULL,
    published_us bigint,
    stream_seq bigint,
    PRIMARY KEY (batch, position)
);
CREATE INDEX outbox_waiting ON outbox (created_us, batch, position) WHERE published_us IS NULL;
CREATE INDEX outbox_stream ON outbox (stream_seq) WHERE stream_seq IS NOT NULL;

CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    received_us bigint NOT NULL
);
CREATE INDEX inbox_received ON inbox (received_us);

CREATE TABLE idempotency (
    key_id uuid PRIMARY KEY,
    body_hash uuid NOT NULL,
    case_id uuid NOT NULL,
    opened_us bigint NOT NULL,
    status integer,
    body text
);
CREATE INDEX idempotency_opened ON idempotency (opened_us);

CREATE TABLE parked (
    event_id uuid PRIMARY KEY,
    kind text NOT NULL,
    correlation uuid NOT NULL,
    version bigint NOT NULL,
    causation uuid,
    actor text,
    time_us bigint NOT NULL,
    payload text NOT NULL,
    reason text NOT NULL,
    parked_us bigint NOT NULL
);

CREATE TABLE lease (
    name text PRIMARY KEY,
    owner uuid NOT NULL,
    expires_us bigint NOT NULL
);
