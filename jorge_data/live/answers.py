"""The dashboard's own HTTP answers: its figures, and whether it is well."""

import asyncio
import time

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jorge_data import __version__
from jorge_data.errors import Invalid, RequestRefused
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.live.house import House
from jorge_data.live.pill import shown_state


async def metrics(request: Request) -> Response:
    """Answer `/api/dashboard/metrics?location=` with the same figures as the wall."""
    house, location = House.current(), request.query_params.get("location")
    try:
        if location is not None and not LOCATION.fullmatch(location):
            raise Invalid(f"location {location[:80]!r}: {ALLOWED_LOCATION}")
        office = await asyncio.to_thread(house.offices.get, house.offices.resolve(location))
    except RequestRefused as refusal:
        return JSONResponse(refusal.as_json(), refusal.status)
    return Response(orjson.dumps(office.dashboard(time.time())), media_type="application/json")


async def health(request: Request) -> Response:
    """Answer `/health`: 200 while this process serves, with what its feed says."""
    offices = House.current().offices
    status = offices.feed(offices.home).status
    return JSONResponse(
        {"service": "jorge-dashboard", "version": __version__, "feed": shown_state(status), "detail": status.detail}
    )
