CREATE TABLE review (
    review_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    offering_id uuid NOT NULL,
    rating bigint NOT NULL,
    posted boolean NOT NULL
);
CREATE INDEX review_offering ON review (offering_id, posted, rating);
CREATE TABLE booking (
    reservation_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    offering_id uuid NOT NULL,
    standing text NOT NULL
);
CREATE INDEX booking_offering ON booking (offering_id, standing);
