import pytest

from jorge_data.events import Cursor
from jorge_data.feed import Endpoint, Timing
from jorge_data.feed.failures import (
    ConnectionClosed,
    ConnectionLost,
    ConnectionSilent,
    Gap,
    HTTPRefused,
    ProtocolViolation,
    SubscriptionRejected,
    after_attempt,
    after_poll,
    retry_or_fatal,
)

ENDPOINT = Endpoint("ws://localhost:8001", "http://localhost:8001")
STUBBORN = Endpoint("ws://localhost:8001", "http://localhost:8001", polling=False)
PASSING = retry_or_fatal(ConnectionLost("reset"))
FATAL = retry_or_fatal(ConnectionClosed(4501, "bad token"))
ABSENT = retry_or_fatal(HTTPRefused(404, "/events"))


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionLost("reset"),
        ConnectionSilent(35),
        ProtocolViolation("x"),
        Gap(Cursor("e1", 1), 3),
        ConnectionClosed(1012, ""),
        ConnectionClosed(4429, ""),
        SubscriptionRejected("too_many", ""),
    ],
)
def test_what_passes_by_itself_is_retried_soon(failure: Exception) -> None:
    assert retry_or_fatal(failure)[:2] == ("soon", False)


@pytest.mark.parametrize(
    "failure",
    [
        HTTPRefused(401, "/"),
        SubscriptionRejected("forbidden", ""),
        SubscriptionRejected("invalid", ""),
        *(ConnectionClosed(c, "") for c in (4401, 4500, 4999)),
    ],
)
def test_what_somebody_must_change_is_retried_slowly(failure: Exception) -> None:
    assert retry_or_fatal(failure)[:2] == ("slowly", True)


@pytest.mark.parametrize(
    "failure", [HTTPRefused(403, "/"), ConnectionClosed(4503, ""), SubscriptionRejected("forbidden", "")]
)
def test_who_has_logged_in_is_told_what_he_can_do_and_who_needs_no_login_what_to_set(
    failure: Exception,
) -> None:
    said = "you may not read this office any more: log in again"
    assert retry_or_fatal(failure, is_of_person=True) == ("slowly", True, said)
    assert "set JORGE_TOKEN" in retry_or_fatal(failure).detail
    assert retry_or_fatal(ConnectionLost("reset"), is_of_person=True)[:2] == ("soon", False)


def test_a_fault_of_our_own_is_named() -> None:
    verdict = retry_or_fatal(ZeroDivisionError("division by zero"))
    assert verdict == ("soon", True, "the feed failed by its own fault: ZeroDivisionError: division by zero")


def test_the_fifth_failure_leads_to_polling_at_once() -> None:
    steps = [after_attempt(PASSING, count, 2.5, ENDPOINT, Timing()) for count in (1, 4, 5)]
    assert steps == [("connecting", 2.5), ("connecting", 2.5), ("disconnected", 0)]


def test_without_polling_the_fifth_failure_is_an_error() -> None:
    assert after_attempt(PASSING, 5, 2.5, STUBBORN, Timing()) == ("error", 2.5)


def test_a_refusal_waits_long_however_often_it_was_tried() -> None:
    assert [after_attempt(FATAL, n, 2.5, ENDPOINT, Timing()) for n in (1, 9)] == [("error", 30)] * 2
    assert after_poll(FATAL, ENDPOINT, Timing()) == ("error", 30)


def test_a_server_that_is_not_ours_is_an_error_that_is_retried_with_backoff() -> None:
    assert after_attempt(ABSENT, 1, 2.5, ENDPOINT, Timing()) == ("error", 2.5)


def test_a_poll_that_failed_is_repeated_after_the_interval() -> None:
    assert after_poll(PASSING, ENDPOINT, Timing()) == ("disconnected", 5)
