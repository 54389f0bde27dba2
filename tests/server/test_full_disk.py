"""A disk that takes nothing more, in a real server: it says so everywhere, and goes on by itself when there is room."""

import resource
from pathlib import Path
from typing import Any

import requests

from jorge_data.events.envelope import OWN
from tests.served import Served, bot_status
from tests.waiting import wait_until

PAGE = 4096


def fill_disk(served: Served) -> None:
    """Let no file of the server's grow: what a full disk does, without one."""
    files = [path.stat().st_size for path in served.folder.iterdir() if path.name.startswith("events.db")]
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (max(files) // PAGE * PAGE, resource.RLIM_INFINITY))


def make_room(served: Served) -> None:
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def ready(served: Served) -> requests.Response:
    return served.session.get(f"{served.url}/health/ready", timeout=10)


def publish_until_refused(served: Served) -> dict[str, Any]:
    """Publish until an event is refused, for what is written already may be written over; return the refusal."""
    body: dict[str, Any] = {}

    def is_refused() -> bool:
        answer = served.post([bot_status(n, locationid="office") for n in range(200)])
        body.update(answer.json())
        return answer.status_code == 503

    wait_until(is_refused)
    return body


def test_health_is_alive_and_not_ready_and_ready_again_when_there_is_room(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        assert ready(served).status_code == 200
        fill_disk(served)
        refusal = publish_until_refused(served)
        assert "nothing was acknowledged" in refusal["error"]["detail"]
        wait_until(lambda: ready(served).status_code == 503)
        answer = ready(served)
        assert answer.headers["Retry-After"] == "5"
        store = answer.json()["parts"]["store"]
        assert store["state"] == "failed"
        assert store["why"]
        assert str(tmp_path) not in answer.text
        alive = served.get("/health")
        assert (alive["status"], alive["ready"]) == ("failed", False)
        for _ in range(30):
            served.post(bot_status(locationid="office"))
        assert served.get("/api/system")["not_stored"] >= 30
        assert 1 <= served.log.count("events were not stored, and not acknowledged") <= 10
        make_room(served)
        wait_until(lambda: ready(served).status_code == 200)
        assert served.post(bot_status(locationid="office")).status_code == 200
        wait_until(lambda: own_statuses(served)[-1] == "healthy")
        assert "down" in own_statuses(served), "the time in which nothing could be stored is told afterwards"


def own_statuses(served: Served) -> list[str]:
    query = {"columns": "status", "where": "component:eq:event-server", "order": "time"}
    try:
        page = served.get("/api/table", location=OWN, kind="system_health_update", **query)
    except requests.HTTPError:
        return [""]
    return [status for (status,) in page["rows"]]
