from threading import Event as Flag
from typing import Any

import pytest

from jorge_data.bots import Client, Receipt
from jorge_data.bots.client import batches
from jorge_data.errors import Forbidden, Invalid, TooMany, Unavailable
from tests.bots.intake import Intake


class Pauses(Flag):
    """A flag that nobody sets; it notes how long it was waited for, and lets no time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return self.is_set()


def event(**given: Any) -> dict[str, Any]:
    return {
        "source": "lead-bot",
        "type": "bot_status_update",
        "data": {"bot_type": "lead-bot", "status": "idle"},
        **given,
    }


def test_each_event_has_its_receipt_in_order(intake: Intake) -> None:
    with Client(intake.url, "t0ken") as client:
        assert client.publish([event(id="a"), event(id="b"), event(id="a")]) == [
            Receipt("a", "e1", 1, False),
            Receipt("b", "e1", 2, False),
            Receipt("a", "e1", 1, True),
        ]
    assert intake.authorization == {"Bearer t0ken"}


def test_a_publish_holds_at_most_500_events(intake: Intake) -> None:
    with Client(intake.url, "t") as client:
        receipts = client.publish(event() for _ in range(1201))
    assert [len(publish) for publish in intake.publishes] == [500, 500, 201]
    assert [receipt.seq for receipt in receipts] == list(range(1, 1202))


def test_a_publish_holds_at_most_one_mebibyte() -> None:
    bodies = list(batches(event(data={"note": "x" * 60_000}) for _ in range(40)))
    assert len(bodies) == 3
    assert max(map(len, bodies)) <= 1 << 20


@pytest.mark.parametrize("failure", [(0, {}, None), (503, {}, {}), (429, {}, {}), (500, {}, {})], ids=str)
def test_a_retry_sends_the_same_ids(intake: Intake, failure: tuple[int, dict[str, str], Any]) -> None:
    intake.script.extend([failure, failure])
    with Client(intake.url, "t", stop=Pauses()) as client:
        receipts = client.publish([event(), event()])
    first, *others = intake.publishes
    assert len(others) == 2
    assert all(publish == first for publish in others)
    assert [receipt.id for receipt in receipts] == [sent["id"] for sent in first]


def test_retry_after_is_the_least_pause(intake: Intake) -> None:
    intake.script.append((503, {"Retry-After": "7"}, {"error": {"code": "unavailable", "detail": "busy"}}))
    pauses = Pauses()
    with Client(intake.url, "t", stop=pauses) as client:
        client.publish([event()])
    assert len(pauses.seconds) == 1
    assert 7 <= pauses.seconds[0] <= 17


def test_a_client_gives_up_after_its_time(intake: Intake) -> None:
    intake.script.append((429, {}, {"error": {"code": "too_many", "detail": "slower, please"}}))
    with Client(intake.url, "t", give_up_s=0) as client, pytest.raises(TooMany, match="slower, please"):
        client.publish([event()])


def test_a_stopped_client_does_not_try_again(intake: Intake) -> None:
    intake.script.append((503, {"Retry-After": "60"}, {}))
    stop = Flag()
    stop.set()
    with Client(intake.url, "t", stop=stop) as client, pytest.raises(Unavailable):
        client.publish([event()])
    assert len(intake.publishes) == 1


def test_a_refused_event_is_a_receipt_and_not_an_exception(intake: Intake) -> None:
    fault = {"code": "refused", "detail": "/type is missing"}
    intake.script.append((422, {}, {"results": [{"id": "a", "error": fault}]}))
    with Client(intake.url, "t") as client:
        assert client.publish([event(id="a")]) == [Receipt("a", error=fault)]


def test_where_the_server_could_not_keep_one_now_the_publish_is_sent_again(intake: Intake) -> None:
    lacking = {"id": "b", "error": {"code": "not_kept", "detail": "try again"}}
    intake.script.append((207, {}, {"results": [{"id": "a", "epoch": "e1", "seq": 1, "duplicate": False}, lacking]}))
    with Client(intake.url, "t", stop=Pauses()) as client:
        assert [receipt.error for receipt in client.publish([event(id="a"), event(id="b")])] == [None, None]
    assert list(intake.stored) == ["a", "b"]


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (422, Invalid)])
def test_a_refused_publish_is_not_tried_again(intake: Intake, status: int, kind: type[Exception]) -> None:
    intake.script.append((status, {}, {"error": {"code": "x", "detail": "not for this token"}}))
    with Client(intake.url, "t") as client, pytest.raises(kind, match="not for this token"):
        client.publish([event()])
    assert len(intake.publishes) == 1


def test_removing_what_is_gone_already_is_no_fault(intake: Intake) -> None:
    intake.script.append((404, {}, {"error": {"code": "absent", "detail": "no such location"}}))
    with Client(intake.url, "t") as client:
        client.request("DELETE", "/api/locations/demo")
    assert intake.requests == [("DELETE", "/api/locations/demo", None)]


def test_an_answer_that_is_not_the_event_servers_is_no_receipt(intake: Intake) -> None:
    intake.script.append((200, {}, ["welcome"]))
    with Client(intake.url, "t") as client, pytest.raises(Unavailable, match="not the event server"):
        client.publish([event()])
