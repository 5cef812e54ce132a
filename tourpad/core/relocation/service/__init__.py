"""Verbs of relocation: `planning.py` looks, `people.py` writes, `forgetting.py` erases, `exporting.py` reads back."""
