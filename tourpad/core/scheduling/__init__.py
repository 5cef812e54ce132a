"""The record of background work: which slot of which job ran, when, and what it did."""

FILLING = "db seed"
"""Who has the advisory lock of this name makes a past in the database: jobs, which know only the present, wait."""
