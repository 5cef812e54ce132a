"""Verbs of identity: registration, sign-in, passwords, and what becomes of an account."""
