"""Memberships that somebody pays for another person."""
