"""The routes of the audit log: read, taken along, verified, and told of what the dashboard alone knows."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from jorge_data.errors import Invalid
from jorge_data.events import parse_moment
from jorge_data.events.encoding import show
from jorge_data.events.numbers import read_whole
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import Right
from jorge_data.server.auth.claims import Claims
from jorge_data.server.http.dependencies import (
    NOT_CACHED,
    ClaimsDependency,
    ContextDependency,
    PagePath,
    described,
    read_model,
)
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.requests import read_limit
from jorge_data.server.users.guessed_passwords import LOOKED_BACK, guessed
from jorge_data.spreadsheet import mark_text
from jorge_data.store import ActName, Audit, AuditEntry, AuditFilter

router = APIRouter()

PAGE = 1000
LONGEST_TEXT = 200
ACTS = frozenset(get_args(ActName))
_ACT = "|".join(sorted(ACTS)).replace(".", r"\.")
FILES: dict[str, Any] = {"text/csv": {}, "application/x-ndjson": {}}


class DownloadReport(BaseModel):
    """What a dashboard tells before a file leaves it: of which page and part, in which format, with how many rows."""

    model_config = ConfigDict(extra="forbid", strict=True)

    act: Literal["export"]
    page: PagePath
    part: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
    format: Literal["csv", "xlsx", "parquet"]
    rows: Annotated[int, Field(ge=0, le=10**9)]
    location: Annotated[str, Field(pattern=f"^{LOCATION.pattern}$")] | None = None


async def read_filter(
    by: Annotated[str | None, Query(json_schema_extra={"maxLength": LONGEST_TEXT})] = None,
    act: Annotated[str | None, Query(json_schema_extra={"pattern": f"^(({_ACT})(,({_ACT}))*)?$"})] = None,
    location: str | None = None,
    start: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    end: Annotated[str | None, Query(alias="to", description="RFC 3339")] = None,
    q: Annotated[str | None, Query(json_schema_extra={"maxLength": LONGEST_TEXT})] = None,
) -> AuditFilter:
    """Return which entries a request asks for: by whom, which acts (with commas), where, from when to when, which text.

    Raise Invalid with what is allowed.
    """
    acts = tuple(word.strip() for word in act.split(",")) if act else ()
    if unknown := sorted(set(acts) - ACTS):
        raise Invalid(f"act is {show(unknown[0])}: allowed are {', '.join(sorted(ACTS))}, several with commas")
    if location and not LOCATION.fullmatch(location):
        raise Invalid(f"location is {show(location)}: {ALLOWED_LOCATION}")
    for name, text in (("by", by), ("q", q)):
        if text is not None and len(text) > LONGEST_TEXT:
            raise Invalid(f"{name} is {show(text)}: allowed are up to {LONGEST_TEXT} characters")
    moments = {}
    for name, text in (("from", start), ("to", end)):
        try:
            moments[name] = parse_moment(text) if text else None
        except ValueError as error:
            raise Invalid(f"{name} is {show(text)}: {error}") from None
    return AuditFilter(by or None, acts, location or None, moments["from"], moments["to"], q or None)


FilterDependency = Annotated[AuditFilter, Depends(read_filter)]


@router.get("/api/audit", summary="Who did what")
async def audit(
    context: ContextDependency,
    claims: ClaimsDependency,
    wanted: FilterDependency,
    before: str | None = None,
    limit: str | None = None,
) -> Response:
    """Answer with what people did, newest first, and with everybody who did something.

    A token that is bound to a location sees what was done there. `before` is an entry's id, for the page that follows.
    """
    wanted, log = _seen_by(claims, wanted), context.token_service.audit
    entries = await asyncio.to_thread(log.newest, _number("before", before), read_limit(limit, 100), wanted)
    names = await asyncio.to_thread(log.names, claims.location)
    return ORJSONResponse({"entries": [each.as_json() for each in entries], "names": names}, headers=NOT_CACHED)


def _seen_by(claims: Claims, wanted: AuditFilter) -> AuditFilter:
    """Return a filter as far as its reader sees the log: an admin of one office what was done there, and no more."""
    claims.require(Right.AUDIT)
    if claims.location is None:
        return wanted
    return wanted._replace(location=claims.require_at(Right.AUDIT, wanted.location))


@router.get("/api/audit/warnings", summary="Whose passwords are being guessed")
async def warnings(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with whose password somebody is guessing now, how often he tried in so many minutes, and from where.

    `name` is null where nobody of this name is known here. A warning goes by itself when the tries are that old.
    """
    claims.require_everywhere(Right.AUDIT)
    since = datetime.now(UTC) - LOOKED_BACK
    entries = await asyncio.to_thread(context.token_service.audit.latest, since, ("session.refuse", "session.limit"))
    return ORJSONResponse({"warnings": [each.as_json() for each in guessed(entries)]}, headers=NOT_CACHED)


@router.get(
    "/api/audit/export",
    summary="The audit log as a file",
    responses={200: {"content": FILES}},
    response_class=Response,
)
async def export(
    context: ContextDependency,
    claims: ClaimsDependency,
    wanted: FilterDependency,
    format: Annotated[str, Query(json_schema_extra={"enum": ["csv", "ndjson"]})] = "ndjson",
) -> Response:
    """Answer with the entries as lines of JSON or as CSV, oldest first; that they were taken along is one of them."""
    wanted = _seen_by(claims, wanted)
    if format not in ("csv", "ndjson"):
        raise Invalid(f"format is {show(format)}: allowed are csv and ndjson")
    await context.token_service.record(claims, "audit.export", format, claims.location)
    write, media = (_csv, "text/csv; charset=utf-8") if format == "csv" else (_ndjson, "application/x-ndjson")
    headers = {**NOT_CACHED, "Content-Disposition": f'attachment; filename="audit.{format}"'}
    return StreamingResponse(_file(context.token_service.audit, wanted, write), media_type=media, headers=headers)


@router.get("/api/audit/verify", summary="Whether the audit log is as it was written")
async def verify(
    context: ContextDependency,
    claims: ClaimsDependency,
    entry: Annotated[str | None, Query(alias="id", json_schema_extra={"pattern": "^[0-9]{1,18}$"})] = None,
    hash: str | None = None,
) -> Response:
    """Answer with how many entries there are, the hash of the last, and what is wrong, null where nothing is.

    With the `id` and `hash` of an entry that were noted elsewhere, also whether it still has it.
    """
    claims.require_everywhere(Right.AUDIT)
    number = _number("id", entry)
    if (number is None) != (hash is None):
        raise Invalid("id and hash: allowed are both, of one entry, or neither")
    known = None if number is None or hash is None else (number, hash)
    found = await asyncio.to_thread(context.token_service.audit.verify, known)
    return ORJSONResponse(found._asdict(), headers=NOT_CACHED)


@router.post(
    "/api/audit",
    summary="Tell that a file leaves a dashboard",
    status_code=204,
    openapi_extra=described(DownloadReport),
)
async def report(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Record under the token's own name that what is shown is taken along: before it is."""
    claims.require(Right.READ)
    told = await read_model(request, DownloadReport)
    location = claims.require_at(Right.READ, told.location)
    context.ingest.rates.take(claims.token_id or claims.subject, 1)
    what = f"{told.page}/{told.part}, {told.format}"
    await context.token_service.record(claims, "export.download", what, location, after={"rows": told.rows})
    return Response(status_code=204)


async def _file(
    log: Audit, wanted: AuditFilter, write: Callable[[list[AuditEntry], bool], bytes]
) -> AsyncIterator[bytes]:
    after, first = 0, True
    while entries := await asyncio.to_thread(log.after, after, PAGE, wanted):
        yield write(entries, first)
        after, first = entries[-1].id, False
    if first:
        yield write([], True)


def _ndjson(entries: list[AuditEntry], first: bool) -> bytes:
    return b"".join(
        orjson.dumps(each.as_json(), option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE) for each in entries
    )


COLUMNS = ("id", "at", "by", "role", "address", "session", "location", "act", "what", "before", "after", "hash")


def _csv(entries: list[AuditEntry], first: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    if first:
        writer.writerow(COLUMNS)
    for each in entries:
        row = each.as_json()
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_UTC_Z).decode().strip('"')
    return mark_text(text)


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    number = read_whole(text)
    if number is None:
        raise Invalid(f"{name} is {show(text)}: allowed is the id of an entry")
    return number
