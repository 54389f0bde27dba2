"""An event's cost in words, on a contact's timeline."""

from typing import Any

import pytest

from jorge_data.dashboard.ui.timeline import cost_words


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, ""),
        ({"cost_usd": None, "tokens_in": None, "script_version": None}, ""),
        ({"cost_usd": "0.0013"}, "$0.0013"),
        ({"cost_usd": 0}, "$0.00"),
        ({"cost_usd": 0.25, "tokens_in": 1812, "tokens_out": 96}, "$0.25 · 1,812 tokens in, 96 out"),
        ({"tokens_out": 96, "script_version": "4.2"}, "96 tokens out · script 4.2"),
        ({"tokens_in": 7}, "7 tokens in"),
        ({"cost_usd": "free", "tokens_in": "many", "script_version": 4}, "script 4"),
    ],
)
def test_what_was_told_is_written_and_nothing_else(told: dict[str, Any], words: str) -> None:
    assert cost_words(told) == words
