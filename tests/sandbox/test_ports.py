"""Links to the sandbox's pages outlive its process: the home keeps their port."""

import socket
from pathlib import Path

from tests.sandbox.conftest import client
from tourpad.sandbox import RunningSandbox, serve

THERE = "http://127.0.0.1"


def _page(sandbox: RunningSandbox) -> str:
    """The address of a page to begin on."""
    v1 = client(sandbox.url).v1
    customer = v1.customers.create({"name": "Ada"})
    made = v1.checkout.sessions.create(
        {"mode": "setup", "currency": "usd", "customer": customer.id, "success_url": "https://a.example"}
    )
    return str(made.url)


def test_it_comes_back_where_it_was(tmp_path: Path) -> None:
    with serve(tmp_path, stays=True) as first:
        url = first.url
    with serve(tmp_path, stays=True) as again:
        assert again.url == url
        assert _page(again).startswith(f"{url}/")


def test_processes_beside_it_hand_out_its_links(tmp_path: Path) -> None:
    with serve(tmp_path, stays=True) as stays, serve(tmp_path, deliver=False) as beside:
        assert beside.url != stays.url
        assert _page(beside).startswith(f"{stays.url}/")
    with serve(tmp_path) as alone:  # nobody answers there now
        assert _page(alone).startswith(f"{alone.url}/")
    with serve(tmp_path, stays=True) as again:
        assert again.url == stays.url


def test_a_port_that_somebody_else_has_is_left_to_them(tmp_path: Path) -> None:
    with serve(tmp_path / "mine", stays=True) as mine:
        port = int(mine.url.rpartition(":")[2])
    with serve(tmp_path / "other", port=port), serve(tmp_path / "mine", stays=True) as elsewhere:
        assert elsewhere.url != f"{THERE}:{port}"
        assert _page(elsewhere).startswith(f"{elsewhere.url}/")
    with socket.create_server(("127.0.0.1", port)), serve(tmp_path / "mine", stays=True) as elsewhere:
        assert _page(elsewhere).startswith(f"{elsewhere.url}/")  # a program that says nothing
    with serve(tmp_path / "mine", stays=True) as back:
        assert back.url == f"{THERE}:{port}"


def test_a_file_that_says_nonsense_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "sandbox.port").write_text("70000\n")
    with serve(tmp_path, stays=True) as first:
        assert (tmp_path / "sandbox.port").read_text() == f"{first.url.rpartition(':')[2]}\n"
