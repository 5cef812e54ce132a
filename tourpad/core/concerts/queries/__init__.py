"""Every SELECT on concerts, seats and the table that search reads."""
