"""Artists' profiles."""
