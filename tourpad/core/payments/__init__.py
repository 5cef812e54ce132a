"""Charges, refunds, disputes, and everything that Stripe tells. References are opaque here."""
