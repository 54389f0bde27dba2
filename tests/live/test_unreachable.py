"""Analytics pages whose event server does not answer: each stands, and each of its figures says so."""

from collections.abc import Iterator

import pytest

from jorge_data.live.house import House
from tests.live.premises import metrics, texts
from tests.live.test_pages import build, visit


@pytest.fixture
def house() -> Iterator[House]:
    house = build()
    yield house
    house.questions.close()
    house.offices.close()


@pytest.mark.parametrize("path", ["qualification", "sequences", "revenue"])
@pytest.mark.usefixtures("house")
def test_every_figure_is_not_available_and_says_why(path: str) -> None:
    app = visit(path)
    assert not app.exception
    assert set(metrics(app).values()) == {"not available"}
    assert "the event server does not answer; try again in a moment" in texts(app)
