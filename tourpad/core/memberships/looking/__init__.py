"""Asking Stripe how subscriptions stand."""
