"""`GET /api/admin/analytics`: business metrics for admins."""

from tests.cli.test_stats import filled
from tests.web.api import Api


def test_each_figure_and_bar_and_only_for_admins(api: Api) -> None:
    filled(api.platform)
    admin = api.person("admin")
    said = api.client.get("/api/admin/analytics?since=2026-02-01&until=2026-03-31&by=month", headers=admin).json()
    assert said["bars"][1] | {"registered": 0} == {
        "first": "2026-03-01",
        "registered": 0,
        "bookingsRequested": 1,
        "showsPlayed": 0,
        "seatsTaken": 0,
        "paidCents": 4_500,
    }
    assert said["now"]["booking"]["successPercent"] == 100
    assert said["now"]["paid"][0]["amountCents"] == 4_500
    assert api.client.get("/api/admin/analytics", headers=api.person("host")).status_code == 403
    assert api.client.get("/api/admin/analytics?since=2026-03-02&until=2026-03-01", headers=admin).status_code == 422
