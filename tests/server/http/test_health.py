"""How the server itself is: alive, ready, each part with why not; counts and durations for the System page."""

from pathlib import Path
from typing import Any

import pytest

from jorge_data.server.telemetry import quantile
from tests.served import Served, bot_status
from tests.waiting import wait_until


def test_the_server_tells_its_counts_queues_and_durations(served: Served, location: str) -> None:
    before = served.get("/api/system")
    served.post([bot_status(locationid=location), bot_status(locationid=location), {"type": "rumour"}])
    after = served.get("/api/system")
    assert (after["accepted"] - before["accepted"], after["refused"] - before["refused"]) == (2, 1)
    assert after["publish_ms"]["n"] == before["publish_ms"]["n"] + 1
    assert 0 < after["publish_ms"]["p50"] <= after["publish_ms"]["p95"]
    assert after["store_bytes"] > 0
    # What the fold writes waits there as well, and may just then.
    wait_until(lambda: served.get("/api/system")["waiting_for_commit"] == 0)


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("manager", 200), ("agent", 403), ("viewer", 403)])
def test_only_who_runs_the_server_may_ask_how_it_is(guarded: Served, role: Any, status: int) -> None:
    answer = guarded.session.get(f"{guarded.url}/api/system", headers=guarded.bearer(role), timeout=10)
    assert answer.status_code == status


def test_nothing_timed_is_no_data() -> None:
    assert quantile([(0.1, 0), (float("inf"), 0)], 0.5) is None


@pytest.mark.parametrize(("q", "seconds"), [(0.25, 0.05), (0.5, 0.1), (0.75, 0.15), (1.0, 0.2)])
def test_a_duration_is_linear_within_its_bucket(q: float, seconds: float) -> None:
    assert quantile([(0.1, 2), (0.2, 4), (float("inf"), 4)], q) == pytest.approx(seconds)


def test_what_took_longer_than_the_last_bound_counts_as_that_bound() -> None:
    assert quantile([(0.1, 1), (float("inf"), 10)], 0.95) == 0.1


def test_each_part_says_how_it_is_from_the_first_answer_on(served: Served) -> None:
    body = served.get("/health")
    assert (body["service"], body["status"], body["ready"]) == ("jorge-events", "ok", True)
    assert set(body["parts"]) >= {"archive", "clock", "rollups", "store", "translation"}
    for part in body["parts"].values():
        assert (part["state"], part["why"], "details" in part) == ("ok", None, False)
        assert part["since"].endswith("Z")
    assert served.get("/health/ready") | {"time": body["time"]} == body


def test_a_source_that_is_off_is_no_part_and_one_that_does_not_answer_says_so(served: Served, tmp_path: Path) -> None:
    assert not {"redis", "synchronization"} & set(served.get("/health")["parts"])
    with Served(tmp_path, JORGE_REDIS_URL="redis://127.0.0.1:1/0") as away:
        wait_until(lambda: away.get("/health").get("status") == "degraded")
        assert away.get("/health")["parts"]["redis"]["why"].startswith("Redis cannot be read")
        assert away.get("/health/ready")["ready"] is True  # events are stored all the same
