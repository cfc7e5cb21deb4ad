CREATE INDEX ticket_day ON ticket (offering_id, service_day, status);
