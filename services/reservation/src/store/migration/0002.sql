ALTER TABLE offering ADD COLUMN rules text;
ALTER TABLE allotment ADD COLUMN resting bigint NOT NULL DEFAULT 0;
ALTER TABLE reservation ADD COLUMN resting text;
ALTER TABLE reservation ADD COLUMN purpose text;
ALTER TABLE reservation ADD COLUMN note text;
