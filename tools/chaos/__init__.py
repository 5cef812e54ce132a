"""Crashes on purpose: real processes are killed while they move money, and what is left is held against what was due.

`world` builds what is due, `stripe` runs the sandbox as a process of its own, `worker` works and is killed, `plan`
says when, `judge` counts what Stripe has twice or never, `drive` does one run after the other, `report` prints.
"""
