"""What Stripe knows of a payer: told again when it changes here."""
