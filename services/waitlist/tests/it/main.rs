//! The service against a real database and a real broker: what it hears, what it answers, what it tells.
