import pytest

from jorge_data.metrics import dashboard, view
from jorge_data.metrics.wall.view import BotCard
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office


def card(office: Office, name: str) -> BotCard:
    return next(card for card in view(office.state, NOON, "default")["bots"] if card["name"] == name)


def figures(office: Office, name: str) -> list[str]:
    return [value for value, _ in card(office, name)["figures"]]


def test_the_team_has_cards_before_anything_was_heard(office: Office) -> None:
    cards = view(office.state, NOON, "default")["bots"]
    assert [card["label"] for card in cards] == ["Seller bot", "Lead bot", "Intent decoder"]
    assert cards[0]["step"] == [("t", "no data yet")]
    assert cards[0]["figures"] == []


def test_a_bot_of_any_name_gets_its_own_card(office: Office) -> None:
    office.bot("night-bot", "idle")
    assert card(office, "night-bot")["label"] == "night-bot"


def test_a_bot_works_since_it_began_not_since_its_last_step(office: Office) -> None:
    office.bot("jorge-seller", "active", NOON - 3 * MINUTE)
    office.bot("jorge-seller", "processing", NOON - MINUTE, current_step="generate", contact_id="dana")
    assert card(office, "jorge-seller")["state"] == "working"
    assert card(office, "jorge-seller")["since_ms"] == (NOON - 3 * MINUTE).timestamp() * 1000
    assert card(office, "jorge-seller")["step"] == [("b", "generate"), ("t", " · dana")]


def test_a_late_report_changes_no_newer_status_but_counts_in_its_minute(office: Office) -> None:
    office.bot("jorge-seller", "idle", NOON)
    office.bot("jorge-seller", "error", NOON - 30 * MINUTE, error_message="timeout")
    assert card(office, "jorge-seller")["state"] == "idle"
    assert card(office, "jorge-seller")["spark"][9] == 1
    assert figures(office, "jorge-seller") == ["2", "0 %", "no data"]


def test_the_hour_counts_events_of_every_kind_that_the_bot_made(office: Office) -> None:
    office.qualify(at=NOON - 2 * HOUR)
    office.qualify(at=NOON - 10 * MINUTE)
    office.bot("jorge-seller", "completed", processing_time_ms=400.0)
    office.bot("jorge-seller", "completed", processing_time_ms=100.0)
    office.bot("jorge-seller", "completed", processing_time_ms=412.0)
    office.bot("jorge-seller", "error", error_message="no answer")
    assert figures(office, "jorge-seller")[:2] == ["5", "75 %"]
    median = dashboard(office.state, NOON)["bots"]["jorge-seller"]["processing_ms_p50"]
    assert median == pytest.approx(400, rel=0.01)
    assert card(office, "jorge-seller")["error"] == "no answer"


def test_the_lead_bot_is_judged_by_its_steps(office: Office) -> None:
    office.step(success=True)
    office.step(success=True)
    office.step(success=False)
    office.bot("lead-bot", "completed")
    assert figures(office, "lead-bot")[:2] == ["4", "66.6 %"]


def test_the_decoders_successes_are_its_analyses(office: Office) -> None:
    office.analyse(34)
    office.bot("intent-decoder", "completed")
    office.bot("intent-decoder", "error")
    assert figures(office, "intent-decoder")[1] == "50 %"


def test_bots_unheard_for_thirty_days_are_forgotten(office: Office) -> None:
    office.bot("old-bot", "idle", NOON - 31 * DAY)
    office.bot("lead-bot", "idle", NOON)
    assert set(office.state.bots.by_name) == {"lead-bot"}
