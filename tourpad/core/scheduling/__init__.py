"""The record of background work: which slot of which job ran, when, and what it did."""
