"""Verbs of memberships: begun on a page of Stripe's, then following the subscription; or given by an admin."""
