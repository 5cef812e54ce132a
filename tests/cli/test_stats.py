"""`tourpad stats`: for a terminal, a pipe and a program."""

from typing import TYPE_CHECKING

from tests.factories.concerts import make_concert, seat
from tourpad.core.actors import operator
from tourpad.core.platform import Platform

if TYPE_CHECKING:
    from tests.command import Command


def filled(platform: Platform) -> None:
    with platform.work(operator("test")) as work:
        seat(work, make_concert(work), 3)
        work.session.commit()


def test_each_figure_beside_the_days_before(cli: "Command", platform: Platform) -> None:
    filled(platform)
    lines = [line.split("\t") for line in cli("stats").stdout.splitlines()]
    assert lines[0] == ["group", "name", "now", "before"]
    said = {(group, name): (now, before) for group, name, now, before in lines[1:]}
    assert said["bookings asked for", "confirmed"] == ("1", "0")
    assert said["bookings asked for", "success"] == ("100 %", "")
    assert said["money", "door fees paid"] == ("$45.00", "")


def test_a_program_gets_all_of_it(cli: "Command", platform: Platform) -> None:
    filled(platform)
    said = cli("stats", "--since", "2026-02-01", "--until", "2026-03-31", "--by", "month", "--json").json
    assert [(bar["first"], bar["bookings_requested"], bar["paid_cents"]) for bar in said["bars"]] == [
        ("2026-02-01", 0, 0),
        ("2026-03-01", 1, 4_500),
    ]
    assert (said["now"]["first"], said["now"]["last"], said["before"]["last"]) == (
        "2026-02-01",
        "2026-03-31",
        "2026-01-31",
    )
    assert said["now"]["booking"]["success_percent"] == 100


def test_what_makes_no_sense_is_refused(cli: "Command") -> None:
    for options, said in (
        (("--since", "2026-03-02", "--until", "2026-03-01"), "since"),
        (("--by", "year"), "day, week, month"),
        (("--since", "2020-01-01", "--by", "day"), "more than 120"),
        (("--since", "soon"), "--since"),
    ):
        refused = cli("stats", *options)
        assert (refused.exit_code, said in refused.stderr) == (2, True), refused.stderr
