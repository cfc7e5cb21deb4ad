CREATE TABLE booking (
    reservation_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    offering_id uuid NOT NULL,
    offering_name text NOT NULL,
    business text NOT NULL,
    guest_id text NOT NULL,
    stands boolean NOT NULL
);
CREATE TABLE review (
    review_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    posted boolean NOT NULL,
    reservation_id uuid NOT NULL,
    offering_id uuid NOT NULL,
    offering_name text NOT NULL,
    business text NOT NULL,
    guest_id text NOT NULL,
    rating bigint NOT NULL CHECK (rating BETWEEN 1 AND 5),
    text text NOT NULL,
    posted_us bigint NOT NULL,
    made_by uuid NOT NULL
);
CREATE INDEX review_offering ON review (offering_id, posted, posted_us, review_id, rating);
