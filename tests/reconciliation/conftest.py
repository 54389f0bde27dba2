from collections.abc import Iterator
from datetime import date

import pytest

from tests.reconciliation.dashboard import Dashboard, Days, serve_dashboard

NOVEMBER: Days = (date(2024, 11, 1), date(2024, 11, 30))
THREE_MONTHS: Days = (date(2024, 9, 1), date(2024, 11, 30))


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The one dashboard whose figures are recounted."""
    with serve_dashboard(tmp_path_factory.mktemp("reconciliation")) as opened:
        yield opened


@pytest.fixture(params=[NOVEMBER, THREE_MONTHS], ids=["november", "three months"])
def days(request: pytest.FixtureRequest) -> Days:
    """The days that a page is opened for, each compared with as many before them."""
    chosen: Days = request.param
    return chosen
