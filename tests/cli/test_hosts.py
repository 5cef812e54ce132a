from typing import TYPE_CHECKING

from tests.command import Command

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def test_who_was_shown_where_a_host_lives(platform: "Platform", cli: Command) -> None:
    from tests.factories.bookings import make_pair
    from tests.factories.concerts import make_concert
    from tests.factories.profiles import SECRET_STREET
    from tourpad.core.actors import operator
    from tourpad.core.concerts import service

    with platform.work(operator("test")) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair)
        assert service.address_for(work, concert_id=concert.id, user_id=pair.artist_user) is not None
        assert service.address_for(work, concert_id=concert.id, user_id=pair.host_user) is not None
        work.commit()
    shown = cli("hosts", "looks", str(pair.host_user), "--json")
    assert [(look["who"], look["reason"]) for look in shown.json["looks"]] == [
        ("Juniper Vale", "artist of a confirmed booking")
    ]
    assert shown.json["looks"][0]["concert_id"] == str(concert.id)
    assert SECRET_STREET not in shown.stdout
    assert cli("hosts", "looks", str(pair.artist_user)).exit_code == 3
