"""Money: payouts against a slow Stripe, a full inbox, and a ledger that grows."""

from bench.harness import Bench
from bench.money import ledger, payouts, webhooks

PARTS = ("payouts", "webhooks", "ledger")


def run(
    bench: Bench,
    n: int = 10_000,
    *,
    only: str = ",".join(PARTS),
    workers: int = 4,
    rate: int = 25,
    answer_ms: int = 100,
    crews: int | str = "1,2,4",
    times: int = 300,
) -> None:
    """Measure all three parts, or those of `only`.

    Args:
        bench: where.
        n: due payouts; the inbox gets five times as many events, the ledger n, 100 n and 1,000 n lines.
        only: `payouts`, `webhooks`, `ledger`, with commas between.
        workers: processes that send payouts.
        rate: calls a second that are permitted.
        answer_ms: how long Stripe takes for each transfer.
        crews: how many workers drain the inbox, one crew after the other.
        times: postings and reads at each size of the ledger.
    """
    wanted = only.split(",")
    if "payouts" in wanted:
        payouts.run(bench, n, workers=workers, rate=rate, answer_ms=answer_ms)
    if "webhooks" in wanted:
        webhooks.run(bench, 5 * n, crews=[int(crew) for crew in str(crews).split(",")])
    if "ledger" in wanted:
        ledger.run(bench, [n, 100 * n, 1_000 * n], times=times)
