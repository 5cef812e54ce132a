"""Charges, refunds and disputes, the calls that move money, and Stripe's events. It names no concert: references are opaque."""
