"""Background work: what runs when (`timetable.py`), and how a slot is run exactly once (`runner.py`)."""
