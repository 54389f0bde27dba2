"""Numbers in parameters: ASCII digits alone, wherever a number may stand; what is wrong is named."""

import json
from urllib.parse import quote

import pytest

from tests.served import Served

NO_NUMBERS: tuple[str, ...] = (
    "1_0",
    "١٠",
    "٣",
    "１０",
    "+1",
    " 1",
    "1 ",
    "1\u00a0",
    "0x10",
    "1e400",
    "-1e400",
    "nan",
    "inf",
    "Infinity",
)
NO_NUMBERS += ("9" * 5_000, "²", "1,5", "--1", "1e", "", "1\n", "½")
WHOLE: tuple[str, ...] = ("1.0", "-1", "1e1")

TABLE = "/api/table?kind=jorge_qualification_progress"
SERIES = "/api/series?kind=jorge_qualification_progress"
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "limit of events": ("/events?limit={}", NO_NUMBERS + WHOLE),
    "after": ("/events?after=e1:{}", NO_NUMBERS + WHOLE),
    "limit of a table": (TABLE + "&limit={}", NO_NUMBERS + WHOLE),
    "a condition on a table": (TABLE + "&where=frs_score:gt:{}", NO_NUMBERS),
    "a condition on a series": (SERIES + "&where=frs_score:le:{}", NO_NUMBERS),
    "a condition on facts": ("/api/series?kind=stage&where=value:ge:{}", NO_NUMBERS),
    "top": (SERIES + "&by=seller_temperature&top={}", tuple(each for each in NO_NUMBERS + WHOLE if each)),
    "step": (SERIES + "&step={}m", NO_NUMBERS + WHOLE),
    "from": (SERIES + "&from=2026-11-{}T00:00:00Z", NO_NUMBERS + WHOLE),
    "to": (TABLE + "&to=2026-11-20T00:00:{}Z", NO_NUMBERS),
    "before": ("/api/audit?before={}", NO_NUMBERS + WHOLE),
    "limit of the audit log": ("/api/audit?limit={}", NO_NUMBERS + WHOLE),
    "limit of refusals": ("/api/refusals?limit={}", NO_NUMBERS + WHOLE),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_number_that_is_none_is_refused_by_its_parameter(place: str, served: Served) -> None:
    path, spellings = PLACES[place]
    for spelling in spellings:
        url = served.url + path.replace("{}", quote(spelling))
        answer = served.session.get(url, headers=served.bearer(), timeout=10)
        assert answer.status_code == 422, (spelling, answer.text)
        assert "allowed" in answer.json()["error"]["detail"], answer.text


@pytest.mark.parametrize("number", ["0", "10", "-0.5", ".5", "1.", "1e2", "1E-2", "85"])
def test_a_number_as_json_and_people_spell_it_is_taken(number: str, served: Served) -> None:
    for path in (TABLE, SERIES):
        answer = served.session.get(
            f"{served.url}{path}&where=frs_score:gt:{number}", headers=served.bearer(), timeout=10
        )
        assert answer.ok, answer.text


def test_a_position_that_no_store_can_hold_is_refused_on_the_socket(served: Served) -> None:
    with served.connect() as client:
        client.recv(timeout=10)
        for seq in (10**400, 10**19, -1, 1.5, True, "1_0", "٣"):
            frame = json.dumps({"type": "subscribe", "after": {"epoch": "e1", "seq": seq}})
            client.send(frame)
            answer = json.loads(client.recv(timeout=10))
            assert (answer["type"], answer["code"]) == ("error", "invalid"), answer
