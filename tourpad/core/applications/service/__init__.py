"""Verbs of applications: what applicants do, and what reviewers do."""

from tourpad.core.applications.service import templates, walking
from tourpad.core.applications.service.applying import answer, forget, next_step, submit
from tourpad.core.applications.service.claiming import claim, let_go
from tourpad.core.applications.service.deciding import approve, reject, undo
from tourpad.core.applications.service.drafting import discard_draft, save_draft
from tourpad.core.applications.service.holding import confirm, disagree, release
from tourpad.core.applications.service.looking import look_at_address
from tourpad.core.applications.service.reminding import remind_reviewers
from tourpad.core.applications.service.reviewing import ask, note, score

__all__ = [
    "answer",
    "approve",
    "ask",
    "claim",
    "confirm",
    "disagree",
    "discard_draft",
    "forget",
    "let_go",
    "look_at_address",
    "next_step",
    "note",
    "reject",
    "release",
    "remind_reviewers",
    "save_draft",
    "score",
    "submit",
    "templates",
    "undo",
    "walking",
]
