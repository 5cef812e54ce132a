"""Shows that are announced, and the people who ask for seats."""
