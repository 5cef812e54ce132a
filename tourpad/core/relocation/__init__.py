"""People and their history, brought here from another system and handed out again (`tourpad import`, `tourpad export`).

Read in this order: `shape.py` (what a folder holds), `reading.py` (its lines), `rules.py` (what each may say),
`service/planning.py` (what is new), `service/people.py` (how it comes in), `procedures.py` (all of it, step by step).
"""
