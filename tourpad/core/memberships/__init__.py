"""Memberships of artists and fans on Stripe Billing."""
