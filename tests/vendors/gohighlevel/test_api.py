"""The API's client, against a server that speaks as the specification does."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jorge_data.errors import SourceFailed
from jorge_data.vendors.gohighlevel.api import API, ATTEMPTS, BACKOFF, LONGEST_WAIT_S, Position
from tests.server.ghl_sync.api import LOCATION, TOKEN, FakeGHL, deal


class Waits:
    """Waits for nothing, and notes how long it should have."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.given_up = threading.Event()

    def __call__(self, seconds: float) -> bool:
        if seconds:
            self.seconds.append(seconds)
        return self.given_up.is_set()


@pytest.fixture
def ghl() -> Iterator[FakeGHL]:
    with FakeGHL() as ghl:
        yield ghl


@pytest.fixture(autouse=True)
def _longest_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jorge_data.vendors.gohighlevel.api.BACKOFF", replace(BACKOFF, random=lambda: 1.0))


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def api(ghl: FakeGHL, waits: Waits) -> Iterator[API]:
    api = API(ghl.url, TOKEN, LOCATION, waits)
    yield api
    api.close()


def test_the_token_is_ours_whatever_netrc_holds(api: API, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert api.pipelines()["pipelines"]


def test_pages_follow_on_each_other(api: API, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(150)]
    first = api.opportunities(None)
    assert (len(first.records), first.total) == (100, 150)
    second = api.opportunities(first.after)
    assert [record["id"] for record in second.records] == [f"deal-{number:04}" for number in range(100, 150)]
    assert second.after is None


def test_each_listing_is_asked_by_its_own_spelling(api: API, ghl: FakeGHL) -> None:
    api.opportunities(Position(5, "deal-0001"))
    api.contacts(None)
    assert ghl.asked == [
        (
            "/opportunities/search",
            {
                "location_id": LOCATION,
                "status": "all",
                "order": "added_asc",
                "limit": "100",
                "startAfter": "5",
                "startAfterId": "deal-0001",
            },
        ),
        ("/contacts/", {"locationId": LOCATION, "limit": "100"}),
    ]


def test_a_window_that_is_all_but_used_up_is_waited_for(api: API, ghl: FakeGHL, waits: Waits) -> None:
    ghl.remaining = 3
    api.pipelines()
    api.custom_fields()
    assert waits.seconds == [0.2]


def test_a_day_that_is_used_up_ends_the_work(api: API, ghl: FakeGHL) -> None:
    ghl.daily = 10
    api.pipelines()
    with pytest.raises(SourceFailed, match="the day's requests are used up"):
        api.custom_fields()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_passes_is_tried_again(api: API, ghl: FakeGHL, waits: Waits, status: int) -> None:
    ghl.failures = [(status, {"Retry-After": "3"}), (status, {"Retry-After": "4"})]
    assert api.pipelines()["pipelines"]
    assert [waited - asked_for for waited, asked_for in zip(waits.seconds, (3, 4), strict=True)] == [1, 2]


def test_a_day_that_the_api_asks_for_is_not_waited_for(api: API, ghl: FakeGHL, waits: Waits) -> None:
    ghl.failures = [(429, {"Retry-After": "86400"})]
    assert api.pipelines()["pipelines"]
    assert waits.seconds == [LONGEST_WAIT_S + 1]


def test_what_does_not_pass_is_given_up(api: API, ghl: FakeGHL) -> None:
    ghl.failures = [(503, {})] * 10
    with pytest.raises(SourceFailed, match="GoHighLevel answered 503: /opportunities/pipelines: try later"):
        api.pipelines()
    assert len(ghl.asked) == ATTEMPTS


def test_a_redirect_is_named_and_not_followed(api: API, ghl: FakeGHL) -> None:
    ghl.failures = [(301, {"Location": "http://localhost:5066/"})]
    with pytest.raises(SourceFailed, match="the address has moved to http://localhost:5066/"):
        api.pipelines()
    assert len(ghl.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 422])
def test_a_refusal_is_told_at_once(api: API, ghl: FakeGHL, status: int) -> None:
    ghl.failures = [(status, {})]
    with pytest.raises(SourceFailed) as refused:
        api.pipelines()
    assert refused.value.status == status
    assert len(ghl.asked) == 1


def test_a_wrong_token_is_never_told(ghl: FakeGHL, waits: Waits) -> None:
    api = API(ghl.url, "wrong-secret", LOCATION, waits)
    with pytest.raises(SourceFailed, match="Invalid JWT") as refused:
        api.pipelines()
    assert "wrong-secret" not in str(refused.value)
    api.close()


def test_nobody_there_is_one_sentence(waits: Waits) -> None:
    api = API("http://127.0.0.1:9", TOKEN, LOCATION, waits)
    with pytest.raises(SourceFailed, match=r"GoHighLevel: /opportunities/pipelines: ConnectionError$"):
        api.pipelines()
    assert len(waits.seconds) == ATTEMPTS - 1
    api.close()


def test_who_is_told_to_stop_asks_no_more(api: API, ghl: FakeGHL, waits: Waits) -> None:
    waits.given_up.set()
    with pytest.raises(SourceFailed, match="was stopped"):
        api.pipelines()
    assert ghl.asked == []
