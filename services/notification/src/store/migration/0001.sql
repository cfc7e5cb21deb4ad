CREATE TABLE notification (
    id uuid PRIMARY KEY,
    recipient text NOT NULL,
    role text NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    correlation uuid NOT NULL,
    event_id uuid NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_us bigint NOT NULL,
    status text NOT NULL
);
CREATE INDEX notification_recipient ON notification (recipient, created_us, id);
CREATE TABLE addressee (
    reservation_id uuid PRIMARY KEY,
    guest_id text,
    business text,
    language text,
    offering_name text
);
CREATE TABLE pending (
    event_id uuid PRIMARY KEY,
    reservation_id uuid NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    time_us bigint NOT NULL
);
CREATE INDEX pending_reservation ON pending (reservation_id);
