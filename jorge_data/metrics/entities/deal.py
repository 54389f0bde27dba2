"""A deal: what it is worth, how long it stayed in each stage, its row in the list of deals, and its facts."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.money import cents
from jorge_data.events.personal import is_erased
from jorge_data.events.timestamps import event_micros, micros_of, rfc3339
from jorge_data.metrics.commission import probability, share, stage_key
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.entity import insert_record, newer
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.event_subject import contact_of, deletion_in
from jorge_data.metrics.formatting import line
from jorge_data.metrics.rules import Rules


class Version(NamedTuple):
    """A deal as of one event: cents, the stage as it is counted, `closed` in microseconds where it is not open."""

    at: int
    seq: int
    status: str
    value: int
    stage: str
    closed: int | None
    probability: float | None


Detail = tuple[int, int, str]
"""The time, seq and value of a detail."""


class Deal:
    """A deal's versions, ordered by time and seq in whatever order they arrive, and the newest of its details."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.versions: list[Version] = []
        self._details: dict[str, Detail] = {}

    def apply(self, event: Event, rules: Rules) -> None:
        """Record an event of this deal."""
        at, data = event_micros(event), event.data
        closed = closed_at(data, at, rules)
        stage, value = stage_key(text(data.get("stage"))), cents(data["deal_value"])
        status = "deleted" if deletion_in(event) else data["status"]
        version = Version(at, event.seq, status, value, stage, closed, data.get("probability"))
        insert_record(self.versions, version)
        for name, detail in _details_in(event).items():
            if detail:
                self._details[name] = newer(self._details.get(name), (at, event.seq, detail))

    def detail(self, name: str) -> str | None:
        """Return the newest value of a detail, None where no event had one."""
        detail = self._details.get(name)
        return detail[2] if detail else None

    def forget_name(self) -> None:
        """Forget what the deal is called."""
        self._details.pop("name", None)

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    @property
    def is_deleted(self) -> bool:
        """Return whether the deal was deleted in the CRM: then it is in no list and no figure."""
        return self.newest.status == "deleted"

    @property
    def stage(self) -> str:
        """Return the newest stage that was named."""
        return next((version.stage for version in reversed(self.versions) if version.stage), "")

    @property
    def chance(self) -> Decimal | None:
        """Return how likely an open deal is to be won (0–1); None where it is closed or that is unknown."""
        return None if self.newest.closed is not None else probability(self.newest.probability, self.stage)

    def dump(self) -> bytes:
        """Return versions and details as JSON, the same bytes whatever the order of arrival."""
        return orjson.dumps((self.versions, self._details), default=tuple, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def load(cls, key: str, state: bytes | None) -> "Deal":
        """Read a stored deal; without a state it is a new one."""
        deal = cls(key)
        if state:
            versions, details = orjson.loads(state)
            deal.versions = list(map(Version._make, versions))
            deal._details = {name: tuple(detail) for name, detail in details.items()}
        return deal


def _details_in(event: Event) -> dict[str, str]:
    data = event.data
    return {
        "name": "" if is_erased(data.get("name")) else line(data.get("name")),
        "contact_id": contact_of(event) or "",
        "lead_source": text(data.get("lead_source")),
        "pipeline": text(data.get("pipeline_id")),
        "expected_close": data.get("expected_close") or "",
    }


def closed_at(data: dict[str, Any], at: int, rules: Rules) -> int | None:
    """Return when a deal was closed, as given or else by the event's time; None while it is open."""
    if data["status"] == "open":
        return None
    given = data.get("closed_at")
    return micros_of(given, rules.zone) if given else at


class StageStay(NamedTuple):
    """A deal's time in a stage, in microseconds; `left` is None while it is there."""

    stage: str
    entered: int
    left: int | None = None


def stays_of(versions: Iterable[Version]) -> list[StageStay]:
    """Return the stays in named stages, in order.

    A close ends the last stay (of several closes the newest counts) and begins none, whatever stage it names; the
    next open version begins another, in the stage it names or else where the deal was. Of a deal that is there again
    its deletion changed nothing.
    """
    stays: list[StageStay] = []
    was_closed = False
    for version in (version for version in versions if version.status != "deleted"):
        if version.closed is not None:
            _leave(stays, version.closed)
        elif stage := _entered(stays, version.stage, was_closed):
            if not was_closed:
                _leave(stays, version.at)
            stays.append(StageStay(stage, version.at))
        was_closed = version.closed is not None
    return stays


def _entered(stays: list[StageStay], named: str, was_closed: bool) -> str:
    """Return the stage that an open version begins a stay in, "" where it begins none."""
    current = stays[-1].stage if stays else ""
    return named or current if was_closed or (named and named != current) else ""


def _leave(stays: list[StageStay], at: int) -> None:
    if stays:
        # A close may be dated before the stage was entered: no stay is shorter than 0.
        stays[-1] = stays[-1]._replace(left=max(at, stays[-1].entered))


def deal_facts(deal: Deal, rules: Rules) -> Iterator[Fact]:
    """Return the facts of a deal: an open one counts at its first event, a closed one when it closed, a deleted not."""
    if not deal.versions or deal.is_deleted:
        return
    newest, chance, commission = deal.newest, deal.chance, rules.commission(deal.newest.value, deal.newest.closed)
    at = deal.versions[0].at if newest.closed is None else newest.closed
    dims = newest.status, deal.stage, deal.detail("lead_source") or "", deal.detail("pipeline") or ""
    measures = [("value", newest.value), ("commission", commission)]
    if chance is not None:
        measures.append(("weighted", share(commission, chance)))
    yield Fact("deal_state", at, dims, tuple(measures))
    for stage, entered, left in stays_of(deal.versions):
        if left is None:
            yield Fact("deal_stage", entered, (stage, "open"))
        else:
            yield Fact("deal_stage", entered, (stage, "done"), (("duration_s", left - entered),))


def deal_row(deal: Deal, rules: Rules) -> dict[str, Any]:
    """Return what the list shows of a deal: money in dollars, null what is unknown or no longer holds."""
    newest, chance = deal.newest, deal.chance
    stays = stays_of(deal.versions) if newest.closed is None else []
    return {
        "deal_id": deal.key,
        "name": deal.detail("name") or deal.key,
        "contact_id": deal.detail("contact_id"),
        "at": 0 if deal.is_deleted else newest.at,  # what was never heard of is not listed
        "status": newest.status,
        "stage": deal.stage,
        "stage_since": rfc3339(stays[-1].entered) if stays else None,
        "value": newest.value / 100,
        "commission": rules.commission(newest.value, newest.closed) / 100,
        "probability": None if chance is None else float(chance),
        "expected_close": deal.detail("expected_close"),
        "opened_at": rfc3339(deal.versions[0].at),
        "closed_at": None if newest.closed is None else rfc3339(newest.closed),
        "lead_source": deal.detail("lead_source"),
        "pipeline": deal.detail("pipeline"),
    }
