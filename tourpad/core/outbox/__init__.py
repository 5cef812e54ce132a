"""What must happen outside the database is a row first, written in the same transaction as its cause."""
