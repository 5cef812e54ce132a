"""Stripe's events after they were stored: what each is about, the object fetched afresh, and what it comes to."""
