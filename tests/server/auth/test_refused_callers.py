"""Refusals in the audit log: once a minute a kind, counted, and bounded however many kinds there are."""

import pytest

from jorge_data.errors import Forbidden, TokenExpired, TooMany, Unauthenticated
from jorge_data.server.auth.claims import ANONYMOUS, Claims
from jorge_data.server.auth.refused_callers import EVERY_S, MOST_KINDS, RefusedCallers
from jorge_data.store.sql.audit_log import SQLAudit
from tests.clock import Clock

ANN = Claims("ann", "agent", address="192.0.2.1")


def written(audit: SQLAudit) -> list[tuple[str, str, int]]:
    audit._writer.run(lambda connection: None).result(10)
    return [(e.act.by, e.act.what, (e.act.after or {})["times"]) for e in audit.after(0, 1000)]


def test_the_first_is_written_at_once_and_the_others_are_counted_when_the_minute_is_over(audit: SQLAudit) -> None:
    callers = RefusedCallers(audit, clock := Clock())
    for _ in range(1000):
        callers.refuse(ANN, "GET /api/audit", Forbidden("no"))
    callers.refuse(ANN, "GET /metrics", Forbidden("no"))
    assert written(audit) == [("ann", "GET /api/audit: no", 1), ("ann", "GET /metrics: no", 1)]
    clock.now = EVERY_S - 1
    callers.write()
    assert len(written(audit)) == 2
    clock.now = EVERY_S
    callers.write()
    callers.write()
    assert written(audit)[2:] == [("ann", "GET /api/audit: no", 999)]
    callers.refuse(ANN, "GET /metrics", Forbidden("no"))
    assert written(audit)[3:] == [("ann", "GET /metrics: no", 1)]


def test_a_flood_of_kinds_is_small(audit: SQLAudit) -> None:
    callers = RefusedCallers(audit, Clock())
    for number in range(10 * MOST_KINDS):
        callers.refuse(Claims(f"u{number}", "agent"), "GET /api/audit", Forbidden("x" * 100_000))
    callers.write(all_of_them=True)
    found = written(audit)
    assert len(found) == MOST_KINDS + 2
    assert sum(times for *_, times in found) == 10 * MOST_KINDS
    assert max(len(what) for _, what, _ in found) < 500


@pytest.mark.parametrize(
    ("claims", "refused"),
    [
        (None, Unauthenticated("who are you")),
        (ANONYMOUS, Unauthenticated("a token is required")),
        (ANN, TokenExpired("over")),
        (ANN, TooMany("slower")),
    ],
)
def test_what_is_no_refusal_of_a_known_caller_is_not_in_the_log(
    audit: SQLAudit, claims: Claims | None, refused: Unauthenticated | TooMany
) -> None:
    callers = RefusedCallers(audit, Clock())
    callers.refuse(claims, "GET /", refused)
    callers.write(all_of_them=True)
    assert written(audit) == []
