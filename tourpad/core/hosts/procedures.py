"""What hosts are told by themselves."""

from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.hosts import queries, service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def tell_looks(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Tell each host who has looked at their address, one mail a host. Answers how many: `hosts`, `people`."""
    counts = {"hosts": 0, "people": 0}
    with platform.work(actor) as work:
        waiting = queries.hosts_to_tell(work)
    for host_id in waiting:
        with platform.work(actor) as work:
            told = service.tell_of_looks(work, host_id=host_id)
            work.commit()
        counts["hosts"] += bool(told)
        counts["people"] += told
    return counts
