import time
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2 import meta

from tourpad.core.notifications import render as module
from tourpad.core.notifications.render import Rendered, TemplateFault, load, names, render

BASE = "https://tourpad.example"


def _render(template: str, **context: Any) -> Rendered:
    return render(template, name="Ada", base_url=BASE, **context)


@pytest.mark.parametrize("template", names())
def test_every_template_renders_with_its_example(template: str) -> None:
    said = _render(template, **load(template).example)
    assert said.subject
    assert "\n" not in said.subject
    assert said.text.startswith("Hello Ada,\n\n")
    assert said.html.startswith("<!doctype html>")
    for text in (said.subject, said.text, said.summary):
        assert "{{" not in text
        assert "None" not in text


@pytest.mark.parametrize("template", names())
def test_an_example_holds_exactly_what_the_template_asks_for(template: str) -> None:
    source = "".join(p.read_text() for p in Path(module.TEMPLATES).glob(f"{template}.*"))
    example = load(template).example
    head, _, body = source.partition("\n\n")
    asked = "\n".join(line for line in head.splitlines() if not line.startswith("Example:")) + body
    used = meta.find_undeclared_variables(module._environments(module.TEMPLATES)[0].parse(asked)) - {
        "name",
        "base_url",
    }
    assert set(example) == used


def test_a_missing_variable_is_an_error_and_not_an_empty_space() -> None:
    with pytest.raises(jinja2.UndefinedError):
        _render("verify_email", token="x")


@pytest.mark.parametrize("name", ["nothing_of_the_kind", "../secrets", "README", "", "_layout"])
def test_an_unknown_template_is_a_fault(name: str) -> None:
    with pytest.raises(TemplateFault):
        _render(name)


def _written(folder: Path, text: str, **context: Any) -> Rendered:
    (folder / "news.txt").write_text(text, encoding="utf-8")
    return _render("news", folder=folder, **context)


def test_people_s_words_stay_words(tmp_path: Path) -> None:
    said = _written(
        tmp_path,
        'Subject: {{ said }}\nExample: {"said": ""}\n\n{{ said }}\n',
        said="<b>hi</b>\nBcc: all@example.org\n\nhttps://evil.example/x?a=1&b=2 {{ 7 * 7 }}",
    )
    assert said.subject == "<b>hi</b> Bcc: all@example.org https://evil.example/x?a=1&b=2 {{ 7 * 7 }}"
    assert "<b>" not in said.html
    assert "&lt;b&gt;hi&lt;/b&gt;" in said.html
    assert "<a" not in said.html
    assert "{{ 7 * 7 }}" in said.text


def test_our_own_addresses_become_links_and_dashes_a_list(tmp_path: Path) -> None:
    said = _written(
        tmp_path,
        "Subject: S\nAction: Go | {{ base_url }}/a?b=1&c=2\nExample: {}\n\n"
        "See {{ base_url }}/b.\nNot https://tourpad.example.evil/c\n\n- one\n- two\n",
    )
    assert f'See <a href="{BASE}/b">{BASE}/b</a>.<br>' in said.html
    assert "<ul><li>one</li><li>two</li></ul>" in said.html
    assert said.html.count("evil") == 1
    assert f'href="{BASE}/a?b=1&amp;c=2"' in said.html
    assert f"Go: {BASE}/a?b=1&c=2\n" in said.text
    assert said.summary == f"See {BASE}/b. Not https://tourpad.example.evil/c"
    assert said.action == ("Go", f"{BASE}/a?b=1&c=2")


@pytest.mark.parametrize(
    "text",
    [
        "Subject: no text\nExample: {}\n",
        "Example: {}\n\ntext",
        "Subject: s\n\ntext",
        "Subject: s\nExample: {}\nColour: red\n\ntext",
        "Subject: s\nSubject: s\nExample: {}\n\ntext",
    ],
)
def test_a_template_that_is_wrongly_written_is_a_fault(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateFault):
        _written(tmp_path, text)


def test_the_way_out_stands_at_the_foot_where_there_is_one() -> None:
    with_it = render(
        "password_changed",
        name="Ada",
        base_url=BASE,
        unsubscribe_url=f"{BASE}/api/unsubscribe/t",
        about="concerts",
    )
    assert with_it.text.endswith(f"No more mails about concerts: {BASE}/api/unsubscribe/t\n")
    assert f'<a href="{BASE}/api/unsubscribe/t"' in with_it.html
    without = _render("password_changed")
    assert "unsubscribe" not in without.text + without.html


@pytest.mark.parametrize(
    ("value", "filtered"),
    [
        ("{{ 41250 | money }}", "$412.50"),
        ("{{ '2026-11-21' | day }}", "Saturday 21 November 2026"),
        ("{{ '19:30' | time }}", "7:30 pm"),
        ("{{ '00:05' | time }}", "12:05 am"),
        ("{{ '12:00' | time }}", "12:00 pm"),
        ("{{ '2026-11-21T19:30:00-05:00' | instant }}", "22 November 2026, 00:30 UTC"),
    ],
)
def test_filters_write_as_people_do(tmp_path: Path, value: str, filtered: str) -> None:
    assert _written(tmp_path, f"Subject: {value}\nExample: {{}}\n\ntext").subject == filtered


def test_a_rendering_costs_less_than_a_millisecond() -> None:
    context = load("verify_email").example
    _render("verify_email", **context)
    tries = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(20):
            _render("verify_email", **context)
        tries.append((time.perf_counter() - start) / 20)
    assert min(tries) < 0.001
