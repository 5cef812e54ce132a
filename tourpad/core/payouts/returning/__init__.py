"""Money that comes back from payees."""
