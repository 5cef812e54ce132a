"""Paying on a page of Stripe's, by a link."""
