"""A whole season, played on real parts: `tourpad demo`. It is a client of the platform like any other.

Read in this order: `people.py` (who they are), `stage.py` (the real processes), `story.py` (what happens when),
`summary.py` (what came of it).
"""
