"""Append-only double entry. Every cent that moves is a journal whose lines add up to zero."""
