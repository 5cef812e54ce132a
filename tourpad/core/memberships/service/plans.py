"""Plans and their prices at Stripe."""

from tourpad.core.memberships import queries
from tourpad.core.work import Work


def record_price(work: Work, *, code: str, product_id: str, price_id: str) -> None:
    """Write down the price that Stripe charges for a plan."""
    plan = queries.plan(work, code)
    if plan is None or (plan.stripe_product_id, plan.stripe_price_id) == (product_id, price_id):
        return
    plan.stripe_product_id = product_id
    plan.stripe_price_id = price_id
    plan.updated_at = work.now
    work.audit("membership.price", target_type="plan", target_id=plan.id, plan=code, price=price_id)
