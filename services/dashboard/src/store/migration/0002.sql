ALTER TABLE offering_view ADD COLUMN timezone text;
ALTER TABLE offering_view ADD COLUMN slot_minutes bigint;
ALTER TABLE offering_view ADD COLUMN starts_day bigint;
ALTER TABLE offering_view ADD COLUMN opening_hours text;
ALTER TABLE offering_view ADD COLUMN day_starts_at text;

ALTER TABLE reservation_view ADD COLUMN purpose text;
ALTER TABLE reservation_view ADD COLUMN first_day bigint;
ALTER TABLE reservation_view ADD COLUMN end_day bigint;
DROP INDEX reservation_offering;
CREATE INDEX reservation_offering ON reservation_view (generation, offering_id, first_day);
CREATE INDEX reservation_stay ON reservation_view (generation, business, first_day);

CREATE TABLE ticket_view (
    generation bigint NOT NULL,
    ticket_id uuid NOT NULL,
    version bigint NOT NULL,
    status text,
    offering_id uuid,
    offering_name text,
    business text,
    guest_id text,
    party_size bigint,
    number bigint,
    service_day text,
    timezone text,
    joined_us bigint,
    called_at text,
    call_deadline text,
    seated_at text,
    deferrals bigint,
    passes bigint,
    quoted_p50 bigint,
    quoted_p90 bigint,
    party_version bigint NOT NULL,
    party_status text,
    floor_id uuid,
    seats bigint,
    PRIMARY KEY (generation, ticket_id)
);
CREATE INDEX ticket_line ON ticket_view (generation, offering_id, status);
CREATE INDEX ticket_day ON ticket_view (generation, offering_id, service_day);
CREATE INDEX ticket_guest ON ticket_view (generation, guest_id, joined_us, ticket_id);
CREATE INDEX ticket_floor ON ticket_view (generation, floor_id, party_status);

CREATE TABLE line_view (
    generation bigint NOT NULL,
    offering_id uuid NOT NULL,
    version bigint NOT NULL,
    business text NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (generation, offering_id)
);

CREATE TABLE review_view (
    generation bigint NOT NULL,
    review_id uuid NOT NULL,
    version bigint NOT NULL,
    status text NOT NULL,
    offering_id uuid NOT NULL,
    offering_name text NOT NULL,
    business text NOT NULL,
    reservation_id uuid NOT NULL,
    guest_id text NOT NULL,
    rating bigint NOT NULL,
    text text NOT NULL,
    posted_us bigint NOT NULL,
    PRIMARY KEY (generation, review_id)
);
CREATE INDEX review_offering ON review_view (generation, offering_id, status);
CREATE INDEX review_guest ON review_view (generation, guest_id, posted_us, review_id);

-- What the views held before lacks the new columns: a rebuild fills them.
INSERT INTO rebuild (generation, stage, stream_position, stream_until, events_read, events_all, started_us, ended_us)
SELECT serving + 1, 'reading', 0, NULL, 0, NULL, 0, NULL FROM projection
WHERE building IS NULL AND NOT EXISTS (SELECT 1 FROM rebuild WHERE stage <> 'done')
AND (EXISTS (SELECT 1 FROM reservation_view) OR EXISTS (SELECT 1 FROM offering_view));
UPDATE projection SET building = serving + 1
WHERE building IS NULL AND EXISTS (SELECT 1 FROM rebuild WHERE stage = 'reading' AND generation = serving + 1);
