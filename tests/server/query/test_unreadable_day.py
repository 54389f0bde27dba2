"""One day of the archive that cannot be read: what can be answered is, what cannot names the file, and it is said."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.served import Served
from tests.waiting import wait_until

LOCATION = "office"
DAYS = 20
TODAY = datetime.combine(datetime.now(UTC).date(), time(18), UTC)
"""At noon in Austin, so that an event of each day is in that day's file."""


def day(number: int) -> datetime:
    """Return a moment of the day so many before today."""
    return TODAY - timedelta(days=number)


BAD = day(DAYS - 5)
FILE = f"{LOCATION}/{BAD.date().isoformat()}.parquet"


def deal(number: int) -> dict[str, Any]:
    data = {"deal_id": f"deal-{number}", "deal_value": 100_000, "status": "won", "contact_id": f"c{number}"}
    at = day(DAYS - number).isoformat()
    names = {"id": f"deal-{number}", "source": "ghl", "type": "commission_update", "locationid": LOCATION}
    return {**names, "time": at, "data": {**data, "closed_at": at}}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Served]:
    """An office that won a deal on each of twenty days, of which the old ones are archived."""
    with Served(tmp_path, JORGE_RETENTION="archive", JORGE_RETENTION_DAYS="10") as served:
        assert served.post([deal(number) for number in range(DAYS)]).status_code == 200
        assert len(deals(served)["rows"]) == DAYS
        retain(served)
        assert len([*(tmp_path / "archive" / LOCATION).iterdir()]) in (9, 10)  # the office's day is not ours
        yield served


def archived(served: Served) -> Path:
    return served.folder / "archive" / FILE


def corrupt(served: Served) -> bytes:
    """Break the end of the day's file off; return what it was."""
    path = archived(served)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    return whole


def restart(served: Served, **environment: str) -> None:
    served.stop()
    served.environment |= environment
    served.start()


def series(served: Served, **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = served.get("/api/series", location=LOCATION, **{"kind": "commission_update", **query})
    return answer


def deals(served: Served, **query: Any) -> dict[str, Any]:
    return series(served, **{"step": "1d", "measure": "deal_value", "agg": "sum", **query})


def table(served: Served, **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = served.get("/api/table", location=LOCATION, kind="commission_update", **query)
    return answer


def health(served: Served, **headers: str) -> dict[str, Any]:
    answer = served.session.get(f"{served.url}/health", headers=headers or served.bearer(), timeout=10)
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def other_rates(served: Served) -> None:
    restart(served, JORGE_COMMISSION_RATES="2020-01-01=0.1")


def commission(served: Served) -> float:
    (row,) = series(served, kind="deal_state", measure="commission", agg="sum")["rows"]
    return float(row[1])


def test_after_a_changed_rate_all_but_the_unreadable_day_is_counted_and_the_answer_names_its_file(
    office: Served,
) -> None:
    corrupt(office)
    for _ in range(2):  # the second start goes on from what the first one folded
        other_rates(office)
        everything = deals(office)
        assert len(everything["rows"]) == DAYS - 1
        assert (everything["exact"], everything["left_out"]) == (False, [FILE])
        later = deals(office, **{"from": day(9).isoformat()})
        assert (later["exact"], "left_out" in later) == (True, False)
        assert commission(office) == pytest.approx((DAYS - 1) * 100_000 * 0.1)  # by the rate of now, of what is there
        assert series(office, kind="deal_state")["left_out"] == [FILE]  # what came later may follow from it
    contacts = office.get("/api/table", location=LOCATION, kind="contacts")
    assert contacts["left_out"] == [FILE]


def test_what_was_counted_before_stays_exact_and_rows_of_the_day_are_those_of_a_file_that_is_named(
    office: Served,
) -> None:
    corrupt(office)
    restart(office)
    everything = deals(office)
    assert (len(everything["rows"]), everything["exact"]) == (DAYS, True)
    bad = {"from": (BAD - timedelta(hours=12)).isoformat(), "to": (BAD + timedelta(hours=12)).isoformat()}
    rows = table(office, **bad)
    assert (rows["rows"], rows["left_out"]) == ([], [FILE])
    assert len(table(office)["rows"]) == DAYS - 1
    # No cube has this field: the events themselves are counted.
    by_deal = series(office, by="deal_id", **{"from": day(DAYS).isoformat(), "to": day(0).isoformat()})
    assert (len(by_deal["rows"]), by_deal["exact"], by_deal["left_out"]) == (DAYS - 1, False, [FILE])
    good = table(office, **{"from": day(9).isoformat()})
    assert "left_out" not in good


def test_health_says_it_with_names_for_who_may_see_the_system_alone_and_the_log_says_it_once(office: Served) -> None:
    corrupt(office)
    other_rates(office)
    for _ in range(3):
        table(office), deals(office)
    wait_until(lambda: health(office)["status"] == "degraded")
    known = health(office)
    assert known["ready"] is True
    assert known["parts"]["archive"]["why"] == "1 day of the archive cannot be read"
    assert known["parts"]["archive"]["details"] == [FILE]
    assert known["parts"]["rollups"]["why"] == "the history lacks 1 day of the archive that could not be read"
    assert office.session.get(f"{office.url}/health/ready", timeout=10).status_code == 200
    seen = health(office, **office.bearer("viewer"))
    assert seen["parts"]["archive"]["why"] == known["parts"]["archive"]["why"]
    assert LOCATION not in str(seen)
    assert "details" not in seen["parts"]["archive"]
    assert office.log.count("cannot be read as an archive") == 1
    assert "0 of" not in office.log


def test_a_rebuild_ends_with_what_it_left_out(office: Served) -> None:
    corrupt(office)
    rebuild = subprocess.run(
        [sys.executable, "-m", "jorge_data", "rebuild", "--location", LOCATION],
        env=office.environment | {"JORGE_SOCKET_URL": office.url.replace("http", "ws")},
        cwd=office.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert rebuild.returncode == 1
    assert f"left out: {FILE} of the archive cannot be read" in rebuild.stderr
    assert str(office.folder) not in rebuild.stderr + rebuild.stdout
    assert len(deals(office)["rows"]) == DAYS - 1


def test_what_comes_back_is_counted_again_by_itself(office: Served) -> None:
    whole = corrupt(office)
    other_rates(office)
    assert len(deals(office)["rows"]) == DAYS - 1
    archived(office).write_bytes(whole)
    wait_until(lambda: health(office)["status"] == "ok")
    wait_until(lambda: answers_exactly(office))
    assert commission(office) == pytest.approx(DAYS * 100_000 * 0.1)


def answers_exactly(served: Served) -> bool:
    try:
        everything = deals(served)
    except requests.HTTPError:  # it is being counted
        return False
    return everything["exact"] is True and len(everything["rows"]) == DAYS


def retain(served: Served) -> None:
    run = served.session.post(f"{served.url}/api/retention/run", headers=served.bearer(), timeout=30)
    assert run.status_code == 200


def test_what_is_old_of_other_offices_is_archived_though_one_has_an_unreadable_day(office: Served) -> None:
    def publish(location: str, identifier: str) -> None:
        event = {**deal(5), "id": identifier, "locationid": location}
        assert office.post(event).status_code == 200
        office.get("/api/series", location=location, kind="commission_update")  # only what is counted is old

    publish("a", "first")
    retain(office)
    (path,) = (office.folder / "archive" / "a").iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    publish("a", "late")
    publish("b", "first")
    retain(office)
    assert (office.folder / "archive" / "b" / path.name).exists()
    assert [event["id"] for event in office.get("/events", location="a", after="oldest")["events"]] == ["late"]
    wait_until(lambda: "stay" in str(health(office)["parts"]["archive"]["why"]))
    assert f"a/{path.name} of the archive cannot be read" in str(health(office)["parts"]["archive"]["details"])
