"""What an event told of its cost, on a contact's timeline."""

from typing import Any

import pytest

from jorge_data.dashboard.ui.timeline import entry
from jorge_data.metrics.wall.view import Line
from tests.dashboard.fake_feeds import event

WORDS: Line = {
    "seq": 1,
    "at_ms": 0,
    "group": "bots",
    "title": [("b", "Seller bot"), ("ok", " finished")],
    "detail": "410 ms",
    "contact": "c",
}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, ("", "", "")),
        ({"cost_usd": None, "tokens_in": None, "script_version": None}, ("", "", "")),
        ({"cost_usd": "0.0013", "script_version": "4.2"}, ("$0.0013", "", "4.2")),
        ({"cost_usd": 0}, ("$0.00", "", "")),
        ({"cost_usd": 0.25, "tokens_in": 1812, "tokens_out": 96}, ("$0.25", "1,812 in, 96 out", "")),
        ({"tokens_out": 0}, ("", "0 out", "")),
        ({"cost_usd": "free", "tokens_in": "many", "script_version": 4}, ("", "", "4")),
    ],
)
def test_what_was_told_is_written_and_nothing_else(told: dict[str, Any], words: tuple[str, str, str]) -> None:
    happened = event(1)._replace(data=told)
    line = entry(happened, WORDS)
    assert (line.cost, line.tokens, line.script) == words
    assert (line.what, line.detail) == ("Seller bot finished", "410 ms")
