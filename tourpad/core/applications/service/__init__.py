"""Verbs of applications: what applicants do, and what reviewers do."""

from tourpad.core.applications.service.applying import answer, forget, submit
from tourpad.core.applications.service.reviewing import approve, ask, note, reject, start_review, undo

__all__ = ["answer", "approve", "ask", "forget", "note", "reject", "start_review", "submit", "undo"]
