"""What the demo bots tell of their cost: enough to see what a conversation costs, and some of it is missing."""

from collections import Counter
from decimal import Decimal

from jorge_data.demo.costs import SCRIPTS
from tests.demo.conftest import events_of, timeline, until

BOTS = frozenset(SCRIPTS)


def test_only_bots_tell_costs_and_every_event_of_theirs_names_its_script() -> None:
    for event in events_of(7):
        assert ("script_version" in event["data"]) == (event["source"] in BOTS)
        assert event["source"] in BOTS or "cost_usd" not in event["data"]


def test_a_newer_script_replaces_an_older_one() -> None:
    scripts = [(event["source"], event["data"]["script_version"]) for event in events_of(7) if event["source"] in BOTS]
    used = {(bot, script) for bot, (*both, _) in SCRIPTS.items() for script in both}
    assert set(scripts) == used
    assert scripts.index(("jorge-seller", "4.1")) < scripts.index(("jorge-seller", "4.2"))
    live = [event["data"] for offset, event in timeline(7) if offset >= 0 and event["source"] == "jorge-seller"]
    assert {data["script_version"] for data in live} == {"4.2"}


def test_most_messages_of_a_bot_tell_a_cost_and_some_do_not() -> None:
    messages = [event["data"] for event in events_of(7) if event["data"].get("author") == "bot"]
    told = [Decimal(data["cost_usd"]) for data in messages if "cost_usd" in data]
    assert 0.8 < len(told) / len(messages) < 0.97
    assert 0 < min(told) < max(told) < Decimal("0.02")


def test_what_was_not_told_has_no_tokens_either() -> None:
    for event in events_of(7):
        data = event["data"]
        assert ("tokens_in" in data) == ("tokens_out" in data)
        assert "tokens_in" not in data or "cost_usd" in data


def test_a_cost_is_the_same_however_often_the_day_is_drawn() -> None:
    costs = [Counter(event["data"].get("cost_usd") for _, event in until(1, 7)) for _ in range(2)]
    assert costs[0] == costs[1]
