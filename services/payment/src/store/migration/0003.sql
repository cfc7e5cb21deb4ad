CREATE INDEX payment_of_status_due ON payment (status, due_us) WHERE due_us IS NOT NULL;
DROP INDEX payment_due;
