"""Parties ask for seats, are answered, pay, give seats back, and come."""

from tourpad.core.concerts import service as concerts
from tourpad.core.concerts.service.answering import Verdict
from tourpad.demo.seeding.booking import Party, Show
from tourpad.demo.seeding.ground import Ground
from tourpad.demo.seeding.shows import Fate

_PAYING = frozenset({Fate.PAYS, Fate.GIVES_BACK, Fate.COMES, Fate.STAYS, Fate.DROPS_OUT})
_LET_IN = _PAYING | {Fate.OWES, Fate.LEAVES}


def ask(ground: Ground, show: Show) -> None:
    """Fans ask, in their order."""
    for party in show.parties:
        with ground.platform.work(party.fan.actor) as work:
            rsvp = concerts.ask(work, concert_id=show.concert_id, user_id=party.fan.id, guests_count=party.guests)
            party.rsvp_id = rsvp.id
            work.commit()


def answer(ground: Ground, show: Show) -> None:
    """The host answers those who need an answer; some think better of it."""
    for party in show.parties:
        verdict = _verdict(party)
        if verdict is None or not show.date.changes.get("requires_approval", True):
            continue
        with ground.platform.work(show.host.actor) as work:
            concerts.answer(work, rsvp_id=party.rsvp_id, user_id=show.host.id, verdict=verdict)
            work.commit()
    for party in show.parties:
        if party.fate is Fate.LEAVES:
            _leave(ground, show, party)


def pay(ground: Ground, show: Show) -> None:
    """Door fees."""
    for party in show.parties:
        if party.fate in _PAYING and show.date.door:
            with ground.platform.work(party.fan.actor) as work:
                due = concerts.what_is_owed(work, user_id=party.fan.id, rsvp_id=party.rsvp_id)
            ground.till.pay(party.fan.actor, party.fan.id, due)


def give_back(ground: Ground, show: Show) -> None:
    """Some who have paid can't come."""
    for party in show.parties:
        if party.fate is Fate.GIVES_BACK:
            _leave(ground, show, party)
            ground.till.expect_news()


def let_in(ground: Ground, show: Show) -> None:
    """The host ticks off who comes."""
    for party in show.parties:
        if party.fate is Fate.COMES:
            with ground.platform.work(show.host.actor) as work:
                concerts.check_in(work, concert_id=show.concert_id, rsvp_id=party.rsvp_id, user_id=show.host.id)
                work.commit()


def _verdict(party: Party) -> Verdict | None:
    if party.fate is Fate.DECLINED:
        return Verdict.DECLINED
    return Verdict.APPROVED if party.fate in _LET_IN else None


def _leave(ground: Ground, show: Show, party: Party) -> None:
    with ground.platform.work(party.fan.actor) as work:
        concerts.leave(work, concert_id=show.concert_id, user_id=party.fan.id)
        work.commit()
