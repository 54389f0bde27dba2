"""No figure of any page is forgotten."""

import importlib
import pkgutil

from jorge_data.metrics.definitions import DEFINITIONS
from tests import reconciliation
from tests.reconciliation.reconciled import RECONCILED

ELSEWHERE = {
    "command_center.needs": "rules about what nobody has done yet; each is shown in tests/metrics/test_needs.py",
    "system.latency": "how long the processes took, which no event says",
    "system.deliveries": "webhooks are kept beside the events; shown in tests/server/test_webhooks.py",
    "system.parts": "how the parts are now, which no event says; shown in tests/dashboard/test_server_health.py",
    "system.clients": "how many are connected now, which no event says",
}
"""What cannot be recounted from the events, and why."""


def test_every_figure_is_recounted_or_it_is_said_why_not() -> None:
    for module in pkgutil.iter_modules(reconciliation.__path__):
        importlib.import_module(f"{reconciliation.__name__}.{module.name}")
    assert RECONCILED.isdisjoint(ELSEWHERE)
    assert RECONCILED | ELSEWHERE.keys() == DEFINITIONS.keys()
