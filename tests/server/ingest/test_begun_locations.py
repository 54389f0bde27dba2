"""How many locations a token may begin: the others are refused by name, and kept by who can keep them."""

from pathlib import Path

from tests.served import Served, bot_status


def test_a_token_begins_so_many_locations_and_goes_on_with_those_that_are(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_LOCATIONS_A_TOKEN="3") as server:
        publisher = server.bearer("publisher")
        answer = server.post([bot_status(locationid=f"office-{number}") for number in range(5)], publisher)
        assert answer.status_code == 207
        *kept, one, other = answer.json()["results"]
        assert [result["seq"] for result in kept] == [1, 1, 1]
        for result, name in ((one, "office-3"), (other, "office-4")):
            assert result["error"]["code"] == "not_kept", "a bot's spool keeps it"
            (fault,) = result["error"]["faults"]
            assert (fault["pointer"], fault["value"]) == ("/locationid", f"'{name}'")
            assert "has begun 3 locations" in fault["detail"]
            assert "JORGE_LOCATIONS_A_TOKEN" in fault["detail"]
        assert server.post([bot_status(locationid="office-1")], publisher).status_code == 200
        assert server.post([bot_status(locationid="office-3")], server.bearer("publisher")).status_code == 200
        assert server.post([bot_status(locationid="office-3")], publisher).status_code == 200, "it exists now"
        bound = server.bearer("publisher", location="office-9")
        assert server.post([bot_status(locationid="office-9")], bound).status_code == 200
