"""The response to a publish: the result of each event, as the contract has it."""

from collections.abc import Sequence
from typing import Any

from jorge_data.errors import EventRefused
from jorge_data.server.ingest.publish import Result

OK, MIXED, REFUSED = 200, 207, 422


def as_json(result: Result) -> dict[str, Any]:
    """Return one result as the contract writes it."""
    if isinstance(result, EventRefused):
        identifier = result.id and result.id.encode("utf-8", "replace").decode()  # it may be what was refused
        faults = [fault.as_json() for fault in result.faults]
        return {"id": identifier, "error": {"code": result.code, "detail": str(result), "faults": faults}}
    return {"id": result.id, "epoch": result.cursor.epoch, "seq": result.cursor.seq, "duplicate": result.duplicate}


def status(results: Sequence[Result]) -> int:
    """Return the HTTP status of a whole publish: all events committed, some, or none."""
    refused = sum(isinstance(result, EventRefused) for result in results)
    return OK if not refused else REFUSED if refused == len(results) else MIXED


def body(results: Sequence[Result]) -> dict[str, Any]:
    """Return the HTTP response of a publish; where all were refused, it also has the one shape of every refusal."""
    response: dict[str, Any] = {"results": [as_json(result) for result in results]}
    if status(results) == REFUSED:
        faults = [
            fault.as_json(f"/{index}" if len(results) > 1 else "")
            for index, result in enumerate(results)
            if isinstance(result, EventRefused)
            for fault in result.faults
        ]
        response["error"] = {"code": "invalid_event", "detail": "no event was accepted", "faults": faults}
    return response
