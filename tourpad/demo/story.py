"""The season, from its first registration to its last payout: what happens when, on one page."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tourpad.core.settings import Settings
from tourpad.demo import arrivals, evenings, latecomers, plans, touring
from tourpad.demo.client import Api, Browser
from tourpad.demo.display import Display
from tourpad.demo.mailbox import Mailbox
from tourpad.demo.people import make_cast
from tourpad.demo.season import Season, Show
from tourpad.demo.stage import Stage, set_up
from tourpad.demo.summary import Summary, summarise

BEGINS = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
ENDS = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
MONTHS = tuple(date(2026, month, 1) for month in (4, 6, 8, 10, 11))
"""Months with shows; the dates are asked for in the month before."""

REQUESTS_PER_500 = 5
"""Dates asked for a month, of five hundred people."""

CALLED_OFF_IN = date(2026, 6, 1)
INVITED_IN = date(2026, 8, 1)
MOVED_IN = date(2026, 10, 1)


def run(settings: Settings, *, seed: int, people: int, record: Path | None, display: Display) -> Summary:
    """Play it, and say what came of it. The data stays in the settings' home and database.

    Raises:
        RefusedError: the database holds data that no demo made.
        UnexpectedAnswerError, JobFailedError, NoMailError: something in the house did not do what the story needs.
    """
    display.chapter("A database, the API and a Stripe to run against are started")
    stage = set_up(settings, begins=BEGINS, record=record)
    try:
        season = _season(stage, seed=seed, people=people, display=display)
        try:
            _play(season, people)
            return summarise(season, seed=seed)
        finally:
            season.api.close()
            season.browser.close()
    finally:
        stage.close()


def _season(stage: Stage, *, seed: int, people: int, display: Display) -> Season:
    return Season(
        cast=make_cast(seed=seed, people=people),
        stage=stage,
        api=Api(stage.api_url, stage.clock),
        browser=Browser(stage.sandbox_url),
        mailbox=Mailbox(stage.home / "outbox"),
        display=display,
        rng=random.Random(seed),
    )


def _play(season: Season, people: int) -> None:
    arrivals.set_up_prices(season)
    arrivals.register_everybody(season)
    arrivals.apply_and_review(season)
    arrivals.become_members(season)
    arrivals.connect_banks(season)
    arrivals.look_around(season)
    requests = max(2, round(REQUESTS_PER_500 * people / 500))
    shows: list[Show] = []
    for month in MONTHS:
        season.pass_time(_noon(_month_before(month)) + timedelta(days=8))
        asked = touring.ask_for_dates(season, month=month, requests=requests)
        if month == INVITED_IN:
            asked += plans.tell_of_a_trip(season, month=month)
        shows = touring.settle_terms(season, asked)
        evenings.ask_for_seats(season, shows)
        evenings.pay_for_seats(season, shows)
        if month == CALLED_OFF_IN and len(shows) > 1:
            evenings.call_off(season, shows[0])
        if month == MOVED_IN and shows:
            plans.move(season, shows[0])
        # What was left unanswered or unpaid has run out by now.
        season.pass_time(_noon(month) + timedelta(days=1))
        evenings.play(season, shows)
    evenings.take_back(season, shows)
    season.pass_time(ENDS - timedelta(days=5))
    touring.ask_for_dates(season, month=date(2026, 12, 1), requests=requests, answered=False)
    plans.look_ahead(season, month=date(2026, 12, 1))
    latecomers.come_late(season, ends=ENDS)
    season.display.chapter("The last payouts of the season")
    season.pass_time(ENDS)


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)
