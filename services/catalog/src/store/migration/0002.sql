ALTER TABLE offering ADD COLUMN rules text;
ALTER TABLE offering ADD COLUMN line text;
