CREATE INDEX outbox_published ON outbox (published_us) WHERE published_us IS NOT NULL;
