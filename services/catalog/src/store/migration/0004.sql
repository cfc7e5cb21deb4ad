CREATE TABLE offering_word (
    word text NOT NULL,
    created_us bigint NOT NULL,
    offering_id uuid NOT NULL,
    PRIMARY KEY (word, created_us, offering_id)
);
CREATE INDEX offering_kind ON offering (kind, created_us, offering_id);
CREATE INDEX offering_place ON offering (place, created_us, offering_id);
