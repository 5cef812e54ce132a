"""Looking into uploaded files and making of them what is shown.

Everything here but `child.py` runs in a process of its own, with hard limits and without secrets (`worker.py`): a file
that makes a decoder crash, spin or swallow memory ends that process and nothing else.
"""
