"""Hosts' profiles, and the exact addresses apart from them."""
