"""The way out: everything that an import reads, written by `procedures.py` (`tourpad export`)."""
