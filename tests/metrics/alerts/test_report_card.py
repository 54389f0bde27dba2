"""The report card of a rule."""

from jorge_data.events.timestamps import DAY, HOUR, MINUTE, micros
from jorge_data.metrics import Targets
from jorge_data.metrics.alerts.built_in import built_in
from jorge_data.metrics.alerts.evaluation import FiredAlert
from jorge_data.metrics.alerts.report_card import FEWEST_TO_MUTE, ReportCard, report_card
from tests.metrics.live_location import NOON

NOW = micros(NOON)
RULES = built_in(Targets())


def alert(acted: int | None = None, ended: int | None = None, ago: int = 3 * DAY) -> FiredAlert:
    rang = NOW - ago
    return FiredAlert("hot", "dana", rang, rang, acted and rang + acted, "", ended and rang + ended)


def test_it_counts_what_people_did_and_how_soon_half_of_them_did() -> None:
    alerts = [
        *(alert(acted=minutes * MINUTE) for minutes in (2, 6, 40)),
        alert(ended=HOUR),
        alert(),
        alert(ago=HOUR),
    ]
    assert report_card(RULES[0], alerts, NOW) == ReportCard(6, 3, 1, 1, 1, 360.0)


def test_a_rule_that_never_rang_has_no_median() -> None:
    assert report_card(RULES[0], [], NOW) == ReportCard(0, 0, 0, 0, 0, None)


def test_a_rule_is_idle_where_it_rang_often_and_nobody_acted() -> None:
    many = [alert(ended=HOUR)] * FEWEST_TO_MUTE
    assert report_card(RULES[0], many, NOW).is_idle
    assert not report_card(RULES[0], many[1:], NOW).is_idle
    assert not report_card(RULES[0], [*many, alert(acted=MINUTE)], NOW).is_idle


def test_built_in_rules_have_names_of_their_own_and_say_the_offices_own_targets() -> None:
    rules = built_in(Targets(intent_target_ms=55, confidence_target=0.7))
    assert len({rule.name for rule in rules}) == len({rule.title for rule in rules}) == len(rules)
    words = {rule.name: rule.words for rule in rules}
    assert "55 ms" in words["slow"]
    assert "70 %" in words["unsure"]
