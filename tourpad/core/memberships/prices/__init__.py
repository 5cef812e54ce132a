"""Plans, and the prices that Stripe charges for them."""
