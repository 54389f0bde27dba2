"""The fallback: the same cursor over HTTP, and back."""

from dataclasses import replace

import pytest

from tests.feed.conftest import QUICK, Follow
from tests.feed.fake_server import FakeServer
from tests.feed.recorder import Recorder
from tests.toxics import Proxy, Toxic

PATIENT = replace(QUICK, probe_s=3600)


def all_up_to(seq: int) -> list[int]:
    return list(range(1, seq + 1))


def test_five_failures_lead_to_polling_and_a_probe_back_without_loss_or_repeat(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    with Proxy(server.port) as proxy:
        feed = follow(port=proxy.port)
        server.publish(10)
        recorder.wait_for_seq(10)
        proxy.shut()
        server.publish(10)
        recorder.wait_for_seq(20)
        recorder.wait_for_state("disconnected")
        first = next(status for status in recorder.statuses if status.state == "disconnected")
        assert first.attempts == 5
        proxy.open()
        recorder.wait_for_state("connected", times=2)
        server.publish(10)
        recorder.wait_for_seq(30)
        last_two = [(entry.state, "asking every" in entry.detail) for entry in feed.log()][-2:]
    assert recorder.seqs == all_up_to(30)
    assert last_two == [("disconnected", True), ("connected", False)]


def test_a_websocket_that_is_blocked_after_the_handshake_is_left_for_polling(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(3)
    with Proxy(server.port) as proxy:
        proxy.set(down=Toxic(black_hole=True))
        follow(port=proxy.port, timeout_s=0.1, attempts=2)
        recorder.wait_for_seq(3)
        recorder.wait(lambda: recorder.statuses[-1].reachable)
        proxy.heal()
        recorder.wait_for_state("connected")
    assert recorder.seqs == all_up_to(3)


def test_a_full_page_is_followed_by_the_next_at_once(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    server.publish(1200)
    follow(websocket=False, poll_interval_s=3600, history=1200)
    recorder.wait_for_seq(1200)
    assert recorder.seqs == all_up_to(1200)
    recorder.wait_for_figures(1200)
    assert server.requests == ["/events", "/api/dashboard/metrics", "/events", "/events", "/events"]


def test_polls_bring_figures_and_the_events_that_they_count_before_them(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(3)
    follow(websocket=False)
    assert recorder.wait_for_figures(3)["conversations"] == {"active": 3}
    server.publish(2)
    recorder.wait_for_seq(4)
    assert recorder.wait_for_figures(5)["conversations"] == {"active": 5}
    assert recorder.seqs == all_up_to(5)


def test_polled_figures_of_a_log_that_has_just_been_replaced_are_not_those_of_the_old_one(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(5)
    follow(websocket=False)
    recorder.wait_for_figures(5)
    server.epoch = "e2"
    recorder.wait(lambda: recorder.figures[-1][1].epoch == "e2")
    assert {as_of.epoch for _, as_of in recorder.figures} == {"e1", "e2"}
    assert recorder.restarts[-1].epoch == "e2", "what came before it counts no more"


def test_without_a_websocket_it_polls_from_the_start(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    follow(websocket=False)
    status = recorder.wait_for_state("disconnected")
    assert (status.detail, status.reachable) == ("asking every 0.05 s instead: the websocket is switched off", True)
    server.publish(2)
    recorder.wait_for_seq(2)
    assert "/" not in server.requests


def test_without_polling_it_is_an_error_that_is_still_retried(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.websocket = False
    follow(polling=False, attempts=2)
    status = recorder.wait_for_state("error")
    assert status.detail == "the server answered 503 to the websocket handshake"
    assert status.retry_at is not None
    server.websocket = True
    recorder.wait_for_state("connected")
    assert server.requests.count("/events") == 1, "to ask where the log ends"


def test_with_both_switched_off_it_says_so(recorder: Recorder, follow: Follow) -> None:
    follow(websocket=False, polling=False)
    assert "both switched off" in recorder.wait_for_state("error").detail


def test_a_position_lost_while_polling_starts_anew(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    server.publish(5)
    follow(websocket=False)
    recorder.wait_for_seq(5)
    server.epoch = "e2"
    server.publish(1)
    recorder.wait_for_seq(6)
    assert [event.cursor.epoch for event in recorder.events] == ["e1"] * 5 + ["e2"] * 6
    assert recorder.restarts == [("e1", 0), ("e2", 0)]


def test_a_poll_that_fails_is_shown_and_the_server_that_is_back_is_probed_at_once(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.websocket = False
    follow(attempts=1, timing=PATIENT)
    recorder.wait(lambda: recorder.statuses[-1].reachable)
    server.http_status = 500
    assert recorder.wait_for_detail("500 to /api/dashboard/metrics").state == "disconnected"
    server.websocket = True
    server.http_status = 200
    recorder.wait_for_state("connected")


def test_retry_now_tries_the_websocket_while_it_polls(server: FakeServer, recorder: Recorder, follow: Follow) -> None:
    server.websocket = False
    feed = follow(attempts=1, timing=PATIENT, poll_interval_s=3600)
    recorder.wait(lambda: recorder.statuses[-1].reachable)
    server.websocket = True
    feed.retry_now()
    recorder.wait_for_state("connected")


def test_a_log_that_was_never_written_is_polled_from_its_beginning(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.epoch = ""
    follow(websocket=False)
    recorder.wait_for_state("disconnected")
    server.epoch = "e1"
    server.publish(2)
    recorder.wait_for_seq(2)
    assert [str(event.cursor) for event in recorder.events] == ["e1:1", "e1:2"]
    assert len(recorder.restarts) == 1


def test_an_answer_that_is_not_the_protocol_is_a_failed_poll(
    server: FakeServer, recorder: Recorder, follow: Follow
) -> None:
    server.publish(1)
    follow(websocket=False)
    recorder.wait_for_seq(1)
    server.epoch = None  # type: ignore[assignment]
    assert recorder.wait_for_detail("/events: TypeError epoch is None, not str").state == "disconnected"


def test_figures_that_are_not_the_protocol_are_a_failed_poll(
    server: FakeServer, recorder: Recorder, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_figures", lambda: {"position": {"seq": 1}})
    follow(websocket=False)
    assert recorder.wait_for_detail("/api/dashboard/metrics: KeyError 'epoch'").state == "disconnected"
