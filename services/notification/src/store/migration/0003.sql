CREATE TABLE reader (
    name text NOT NULL,
    role text NOT NULL,
    email text,
    webhook_url text,
    webhook_secret text,
    language text,
    PRIMARY KEY (name, role)
);
INSERT INTO reader SELECT name, 'guest', email, webhook_url, webhook_secret, language FROM recipient;
INSERT INTO reader SELECT name, 'host', email, webhook_url, webhook_secret, language FROM recipient
