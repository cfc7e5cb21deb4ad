CREATE TABLE recipient (
    name text PRIMARY KEY,
    email text,
    webhook_url text,
    webhook_secret text,
    language text
);
CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    notification_id uuid NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    host text NOT NULL,
    template text NOT NULL,
    correlation uuid NOT NULL,
    status text NOT NULL,
    attempts bigint NOT NULL,
    due_us bigint NOT NULL,
    claim uuid,
    last_error text,
    created_us bigint NOT NULL,
    changed_us bigint NOT NULL
);
CREATE INDEX delivery_due ON delivery (channel, status, due_us, id);
CREATE INDEX delivery_recipient ON delivery (recipient, created_us, id);
