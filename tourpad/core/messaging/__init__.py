"""Conversations between the sides of a booking."""
