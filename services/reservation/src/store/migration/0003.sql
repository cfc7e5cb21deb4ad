CREATE INDEX reservation_over ON reservation (status, purpose, ends_us, placed_us);
CREATE INDEX reservation_hold ON reservation (deadline_us) WHERE deadline_us IS NOT NULL;
DROP INDEX reservation_end;
DROP INDEX reservation_deadline;
