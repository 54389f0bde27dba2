import pytest

from jorge_data.metrics import dashboard, view
from jorge_data.metrics.wall.view import BotCard
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def card(location: LiveLocation, name: str) -> BotCard:
    return next(card for card in view(location.state, NOON, "default")["bots"] if card["name"] == name)


def figures(location: LiveLocation, name: str) -> list[str]:
    return [value for value, _ in card(location, name)["figures"]]


def test_the_team_has_cards_before_anything_was_heard(location: LiveLocation) -> None:
    cards = view(location.state, NOON, "default")["bots"]
    assert [card["label"] for card in cards] == ["Seller bot", "Lead bot", "Intent decoder"]
    assert cards[0]["step"] == [("t", "no data yet")]
    assert cards[0]["figures"] == []


def test_a_bot_of_any_name_gets_its_own_card(location: LiveLocation) -> None:
    location.bot("night-bot", "idle")
    assert card(location, "night-bot")["label"] == "night-bot"


def test_a_bot_works_since_it_began_not_since_its_last_step(location: LiveLocation) -> None:
    location.bot("jorge-seller", "active", NOON - 3 * MINUTE)
    location.bot("jorge-seller", "processing", NOON - MINUTE, current_step="generate", contact_id="dana")
    assert card(location, "jorge-seller")["state"] == "working"
    assert card(location, "jorge-seller")["since_ms"] == (NOON - 3 * MINUTE).timestamp() * 1000
    assert card(location, "jorge-seller")["step"] == [("b", "generate"), ("t", " · dana")]


def test_a_late_report_changes_no_newer_status_but_counts_in_its_minute(location: LiveLocation) -> None:
    location.bot("jorge-seller", "idle", NOON)
    location.bot("jorge-seller", "error", NOON - 30 * MINUTE, error_message="timeout")
    assert card(location, "jorge-seller")["state"] == "idle"
    assert card(location, "jorge-seller")["spark"][9] == 1
    assert figures(location, "jorge-seller") == ["2", "0 %", "no data"]


def test_the_hour_counts_events_of_every_kind_that_the_bot_made(location: LiveLocation) -> None:
    location.qualify(at=NOON - 2 * HOUR)
    location.qualify(at=NOON - 10 * MINUTE)
    location.bot("jorge-seller", "completed", processing_time_ms=400.0)
    location.bot("jorge-seller", "completed", processing_time_ms=100.0)
    location.bot("jorge-seller", "completed", processing_time_ms=412.0)
    location.bot("jorge-seller", "error", error_message="no answer")
    assert figures(location, "jorge-seller")[:2] == ["5", "75 %"]
    median = dashboard(location.state, NOON)["bots"]["jorge-seller"]["processing_ms_p50"]
    assert median == pytest.approx(400, rel=0.01)
    assert card(location, "jorge-seller")["error"] == "no answer"


def test_the_lead_bot_is_judged_by_its_steps(location: LiveLocation) -> None:
    location.step(success=True)
    location.step(success=True)
    location.step(success=False)
    location.bot("lead-bot", "completed")
    assert figures(location, "lead-bot")[:2] == ["4", "66.7 %"]


def test_the_decoders_successes_are_its_analyses(location: LiveLocation) -> None:
    location.analyse(34)
    location.bot("intent-decoder", "completed")
    location.bot("intent-decoder", "error")
    assert figures(location, "intent-decoder")[1] == "50 %"


def test_bots_unheard_for_thirty_days_are_forgotten(location: LiveLocation) -> None:
    location.bot("old-bot", "idle", NOON - 31 * DAY)
    location.bot("lead-bot", "idle", NOON)
    assert set(location.state.bots.by_name) == {"lead-bot"}
