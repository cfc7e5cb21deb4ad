CREATE TABLE floor (
    offering_id uuid PRIMARY KEY,
    offering_version bigint NOT NULL,
    open boolean NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    taken bigint NOT NULL CHECK (taken >= 0),
    ceiling bigint NOT NULL,
    changes bigint NOT NULL,
    CHECK (taken <= ceiling)
);

CREATE TABLE party (
    ticket_id uuid PRIMARY KEY,
    offering_id uuid NOT NULL,
    state varchar(16) NOT NULL,
    party_size bigint NOT NULL CHECK (party_size > 0),
    since_us bigint NOT NULL
);
CREATE INDEX party_seated ON party (offering_id, state, ticket_id);
