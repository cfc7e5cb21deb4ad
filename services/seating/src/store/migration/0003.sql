ALTER TABLE floor ADD COLUMN business text;
