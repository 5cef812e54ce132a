"""The review's screen as lines: it fits every size, breaks nothing, and scrolls to all that there is."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tourpad.cli import keys
from tourpad.cli.applications_acts import reasons_in
from tourpad.cli.applications_card import Card, Mark, plain
from tourpad.cli.applications_desk import edit
from tourpad.cli.applications_screen import Frame, Page, View, compose, wrap
from tourpad.cli.applications_sections import Section

RUBRIC = [Mark("live_video", "live video", "?", 4), Mark("music", "music", "?", 5), Mark("fit", "fit", "?", None)]


def page(**changes: Any) -> Page:
    card = Card(
        kind="ARTIST",
        title=changes.pop("title", "Juniper Vale"),
        about="indie folk, americana",
        place="Asheville NC",
        age="51 h, late by 3 h",
        is_late=True,
        who="Ada Ames <ada@people.example> · try 2",
        main=changes.pop("main", [Section("", ["We bring our own small PA."])]),
        side=changes.pop("side", [Section("looks like", ["same music.example/juniper as Old Vale"], alert=True)]),
        rubric=RUBRIC,
        weighted="4.6",
    )
    return Page(
        heading="applications ▸ review",
        progress="7 of 23 · 2 past their 48 h · 14 decided tonight",
        card=card,
        sends="a sends: You are in",
        mine="yours until 21:15",
        keys=("a approve", "r reject…", "q ask…", "1-5 score", "n note", "o links", "s skip", "u undo", "Esc leave"),
        **changes,
    )


def text(frame: Frame) -> list[str]:
    return ["".join(part for part, _ in row).rstrip() for row in frame.rows]


def test_a_late_one_reads_as_a_sentence_in_plain_text() -> None:
    head, *_ = plain(page().card).splitlines()
    assert head.endswith("Asheville NC   applied 51 h ago, late by 3 h")


def test_all_that_decides_is_on_one_screen() -> None:
    lines = text(compose(page(), View(), width=80, height=24))
    assert len(lines) == 24
    assert lines[0] == " applications ▸ review         7 of 23 · 2 past their 48 h · 14 decided tonight"
    assert lines[2].endswith("Asheville NC   51 h, late by 3 h")
    assert lines[4:8] == [
        " We bring our own small PA.",
        "",
        " ── looks like",
        " same music.example/juniper as Old Vale",
    ]
    assert lines[-4] == "▸live video ●●●●○   music ●●●●●   fit ○○○○○"
    assert lines[-5].endswith(" weighted 4.6 ─")
    assert lines[-1].endswith("Esc leave")


def test_wide_enough_what_others_say_stands_beside() -> None:
    lines = text(compose(page(), View(), width=120, height=40))
    beside = next(line for line in lines if "small PA" in line)
    assert "│ ── looks like" in beside


def test_late_is_seen_without_colour_and_shown_in_it() -> None:
    frame = compose(page(), View(), width=80, height=24)
    assert ("51 h, late by 3 h ", "red") in frame.rows[2]
    assert (" ── looks like ", "yellow") in frame.rows[6]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Mn", "Cf"]), max_size=300)


@given(
    width=st.integers(20, 200),
    height=st.integers(8, 60),
    bio=TEXTS,
    title=TEXTS.filter(str.strip),
    block=st.lists(TEXTS, max_size=30),
    typed=st.none() | TEXTS,
    scroll=st.integers(0, 500),
    unicode=st.booleans(),
)
@example(
    width=80, height=24, bio="漢字" * 60, title="名前" * 40, block=["x" * 500], typed="漢" * 200, scroll=3, unicode=True
)
def test_every_frame_fits(
    *,
    width: int,
    height: int,
    bio: str,
    title: str,
    block: list[str],
    typed: str | None,
    scroll: int,
    unicode: bool,
) -> None:
    view = View(
        scroll=scroll, block=block, typed=typed, prompt="Why" if typed is not None else "", cursor=len(typed or "")
    )
    shown = page(title=title, main=[Section("", [bio])])
    frame = compose(shown, view, width=width, height=height, unicode=unicode)
    wide, high = max(width, 40), max(height, 12)
    assert len(frame.rows) <= high
    assert all(cell_len("".join(part for part, _ in row)) <= wide for row in frame.rows)
    if frame.cursor is not None:
        assert 0 <= frame.cursor[0] < high
        assert 0 <= frame.cursor[1] < wide


@given(bio=st.lists(st.text("abc xyz", max_size=90), min_size=1, max_size=60), height=st.integers(12, 40))
def test_turning_pages_shows_every_line_once_or_more(bio: list[str], height: int) -> None:
    shown = page(main=[Section("", bio)], side=[])
    view, seen, turns = View(), set[str](), 0
    while True:
        frame = compose(shown, view, width=80, height=height)
        seen |= {line.strip() for line in text(frame)}
        turns += 1
        if not frame.hidden:
            break
        view.scroll += frame.room
        assert turns < 500
    assert {part.strip() for line in bio for part in wrap(line, 78)} - {""} <= seen


@given(st.text("ab c  漢-/", max_size=200), st.integers(10, 60))
def test_wrapping_loses_no_letter_and_fits(said: str, width: int) -> None:
    lines = wrap(said, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(said.split())


def test_an_address_is_broken_only_where_it_must_be() -> None:
    url = "https://video.example/" + "x" * 40
    assert wrap(f"video  {url}", 78) == [f"video  {url}"]
    first, second = wrap(f"video  {url}", 50)
    assert (first, second) == (f"video  {url}"[:50], " " * 7 + url[43:])


def test_a_line_that_does_not_fit_is_cut_with_a_sign() -> None:
    lines = text(compose(page(title="A very long name of a band indeed, and longer"), View(), width=60, height=24))
    assert "…" in lines[2]
    assert lines[2].endswith("51 h, late by 3 h")


@pytest.mark.parametrize(
    ("pressed", "typed"),
    [
        (["a", "b", "c"], "abc|"),
        (["a", "b", keys.BACKSPACE], "a|"),
        (["a", "b", keys.LEFT, "x"], "ax|b"),
        (["a", " ", "b", "c", keys.DELETE_WORD], "a |"),
        (["a", "b", keys.LEFT, keys.DELETE_LINE], "|b"),
        (["a", "b", keys.HOME, "x", keys.END, "y"], "xaby|"),
        ([keys.BACKSPACE, keys.LEFT, keys.RIGHT, keys.UP], "|"),
    ],
)
def test_typing(pressed: list[str], typed: str) -> None:
    line, cursor = "", 0
    for key in pressed:
        line, cursor = edit(line, cursor, key)
    assert f"{line[:cursor]}|{line[cursor:]}" == typed


@pytest.mark.parametrize(
    ("said", "codes", "words"),
    [
        ("1 3", ["a", "c"], ""),
        ("1, 3 Too loud.", ["a", "c"], "Too loud."),
        ("Too loud in 2 rooms", [], "Too loud in 2 rooms"),
        ("9 lives", [], "9 lives"),
        ("", [], ""),
    ],
)
def test_reasons_by_number_and_words(said: str, codes: list[str], words: str) -> None:
    assert reasons_in(said, ("a", "b", "c")) == (codes, words)
