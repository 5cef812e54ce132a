"""What keeps memberships and Stripe in agreement without anybody asking."""
