DROP INDEX reservation_end;
CREATE INDEX reservation_end ON reservation (status, purpose, ends_us, placed_us);
DROP INDEX reservation_deadline;
CREATE INDEX reservation_deadline ON reservation (deadline_us) WHERE deadline_us IS NOT NULL;
