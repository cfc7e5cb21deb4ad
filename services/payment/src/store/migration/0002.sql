ALTER TABLE payment ADD COLUMN guest_id text;
ALTER TABLE payment ADD COLUMN business text;
