"""A rehearsal: when each built-in rule would have rung in the last days, for how long, and what people did then."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from jorge_data.events import Cursor
from jorge_data.events.timestamps import DAY, SECOND, rfc3339
from jorge_data.metrics.alerts.built_in import built_in
from jorge_data.metrics.alerts.evaluation import FiredAlert, OfficeClock, evaluate, rung
from jorge_data.metrics.alerts.report_card import report_card
from jorge_data.metrics.alerts.rule import AlertRule, Waiting
from jorge_data.metrics.alerts.silence import spans_of
from jorge_data.metrics.colleagues import Colleagues
from jorge_data.metrics.targets import Targets
from jorge_data.server.alerts.readings import Readings, Rehearsed
from jorge_data.store import LogView

MOST_DAYS = 90

MOST_TOLD = 500
"""Of so many alerts of a rule each is told, the newest; all are counted."""

FAMILIES = {"hot": "contact", "callback": "contact", "optout": "contact", "deal": "deal"}
"""What the subjects of rules are, where that has a name of its own."""


@dataclass(frozen=True)
class RehearsedRule:
    """A rule, and its alerts that have rung, in order of time; `cut`: they are of the newest that were read alone."""

    rule: AlertRule
    alerts: list[FiredAlert]
    cut: bool


@dataclass(frozen=True)
class Rehearsal:
    """The rehearsal of all rules over a span, as of a position of the log.

    `heard_from` is the first hour from which something was heard, None where nothing was; `unheard` are the spans in
    which nothing at all arrived, though something usually does.
    """

    span: Rehearsed
    position: Cursor
    rules: list[RehearsedRule]
    heard_from: int | None
    unheard: list[tuple[int, int]]
    names: dict[str, dict[str, str]]

    @property
    def people(self) -> set[str]:
        """Return the ids of who acted."""
        return {alert.by for rehearsed in self.rules for alert in rehearsed.alerts if alert.by}

    def as_json(self, colleagues: Colleagues) -> dict[str, Any]:
        """Return the JSON of `/api/alerts`."""
        return {
            "from": rfc3339(self.span.start),
            "to": rfc3339(self.span.now),
            "heard_from": None if self.heard_from is None else rfc3339(self.heard_from),
            "unheard": [{"from": rfc3339(start), "to": rfc3339(end)} for start, end in self.unheard],
            "position": self.position._asdict(),
            "rules": [self._rule(rehearsed, colleagues) for rehearsed in self.rules],
        }

    def _rule(self, rehearsed: RehearsedRule, colleagues: Colleagues) -> dict[str, Any]:
        rule, now = rehearsed.rule, self.span.now
        card = report_card(rule, rehearsed.alerts, now)
        told = rehearsed.alerts[: -MOST_TOLD - 1 : -1]
        return {
            "name": rule.name,
            "title": rule.title,
            "words": rule.words,
            "severity": rule.severity,
            "wait_s": rule.wait / SECOND,
            "office_hours": rule.office_hours,
            "no_data": rule.no_data,
            "complete": not rehearsed.cut,
            **card._asdict(),
            "idle": card.is_idle,
            "alerts": [self._alert(rule, alert, colleagues) for alert in told],
        }

    def _alert(self, rule: AlertRule, alert: FiredAlert, colleagues: Colleagues) -> dict[str, Any]:
        now, family = self.span.now, family_of(rule)
        return {
            "subject": alert.subject,
            "family": family,
            "about": self.names.get(family, {}).get(alert.subject) or alert.subject,
            "began": rfc3339(alert.began),
            "rang": rfc3339(alert.rang),
            "acknowledged": None if alert.acknowledged is None else rfc3339(alert.acknowledged),
            "by": colleagues.name(alert.by) if alert.by else "",
            "resolved": None if alert.resolved is None else rfc3339(alert.resolved),
            "phase": alert.phase(now),
            "outcome": alert.outcome(now, rule.attended_within),
            "lasted_s": alert.lasted(now) / SECOND,
        }


def family_of(rule: AlertRule) -> str:
    """Return what a rule's subjects are: contacts, deals, or "" where their own name is what they are called."""
    return FAMILIES.get(rule.watched.item, "") if isinstance(rule.watched, Waiting) else ""


def rehearse(view: LogView, now: int, days: int, targets: Targets, agent: str | None) -> Rehearsal:
    """Return what the built-in rules would have rung in the last days, to an agent as far as he sees it."""
    span = Rehearsed(now - days * DAY, now)
    readings, clock = Readings(view, span, targets, agent), OfficeClock(targets.hours, targets.zone)
    rules = []
    for rule in built_in(targets):
        alerts = rung(evaluate(rule, readings.episodes(rule), now, clock), now)
        within = [alert for alert in alerts if alert.rang >= span.start]
        rules.append(RehearsedRule(rule, within, rule.name in readings.cut))
    total = readings.total
    heard_from = max(min(total), span.start) if total else None
    unheard = [(max(start, span.start), end) for start, end in spans_of(readings.unheard) if end > span.start]
    return Rehearsal(span, view.position, rules, heard_from, unheard, _names(view, rules))


def _names(view: LogView, rules: Iterable[RehearsedRule]) -> dict[str, dict[str, str]]:
    subjects: dict[str, set[str]] = {}
    for rehearsed in rules:
        if family := family_of(rehearsed.rule):
            told: Collection[FiredAlert] = rehearsed.alerts[-MOST_TOLD:]
            subjects.setdefault(family, set()).update(alert.subject for alert in told)
    return {family: view.entities.names(family, keys) for family, keys in subjects.items()}
