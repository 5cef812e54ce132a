"""`tourpad db seed`: an empty database filled with people and shows in every state, by the verbs and in past time.

Read in this order: `people.py` (who stands where), `plan.py` (what happened when), `arriving.py`,
`booking.py`, `seating.py` and `touring.py` (how), `report.py` (what there is now).
"""
