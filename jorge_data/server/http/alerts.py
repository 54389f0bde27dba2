"""The route of alert rules: each in words, and when it would have rung in the last days."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from jorge_data.events.numbers import read_whole
from jorge_data.events.timestamps import micros
from jorge_data.metrics.colleagues import Colleague, Colleagues, ids_told
from jorge_data.metrics.targets import Targets
from jorge_data.permissions import Right
from jorge_data.server.alerts.rehearsal import MOST_DAYS, Rehearsal, rehearse
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.query.query_schema import refuse
from jorge_data.server.query.service import run_query
from jorge_data.store import LogView

router = APIRouter()


@router.get("/api/alerts", summary="The alert rules, rehearsed on the last days")
async def alerts(
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    days: Annotated[str, Query(description=f"over how many days, 1–{MOST_DAYS}")] = str(MOST_DAYS),
) -> Response:
    """Answer with each built-in rule, its report card, and each time it would have rung.

    An agent's contacts and deals are those that he sees. Nobody is told of an alert by the server.
    """
    name = claims.require_at(Right.SEE_CONTACTS, location)
    number = read_whole(days)
    if number is None or not 1 <= number <= MOST_DAYS:
        refuse("days", days, f"1–{MOST_DAYS}")
    people = await asyncio.to_thread(context.user_service.people_at(name).all)
    read = partial(
        _read,
        days=number,
        targets=context.targets,
        agent=claims.rights.agent_id,
        people=people,
    )
    rehearsal, colleagues = await run_query(context.rollup_worker, context.store, name, read)
    return ORJSONResponse(rehearsal.as_json(colleagues), headers={"Cache-Control": "no-store"})


def _read(
    view: LogView,
    days: int,
    targets: Targets,
    agent: str | None,
    people: list[Colleague],
) -> tuple[Rehearsal, Colleagues]:
    rehearsal = rehearse(view, micros(datetime.now(UTC)), days, targets, agent)
    told = view.entities.names("agent", ids_told(rehearsal.people, people))
    return rehearsal, Colleagues(people, told)
