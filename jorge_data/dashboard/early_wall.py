"""The Command Center as the page's own HTML carries it, until Streamlit's component takes over.

A tab that is opened needs Streamlit's files, its socket and a run of the script before it shows anything, while all
that the wall shows stands in this process already. It is painted by the component's own files: there is one wall.
"""

import re
from functools import cache
from hashlib import sha256
from urllib.parse import parse_qsl

import orjson
import streamlit as st
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.http_middleware import ADMITTED, Early
from jorge_data.dashboard.push import component
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.dashboard.ui.controls import WORDS, requested_office
from jorge_data.dashboard.ui.wall_data import first_state, wall_data
from jorge_data.errors import JorgeError

FIRST_PAGE_PATHS = ("/", "/index.html")
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def script_path() -> str:
    """Return the address of the script that paints it: another one when the script is."""
    return f"api/early/{sha256(component.early_wall().js.encode()).hexdigest()[:16]}.js"


def routes() -> list[BaseRoute]:
    """Return the route of the script, which a browser keeps."""
    return [Route(f"/{script_path()}", _script)]


async def _script(request: Request) -> Response:
    return Response(component.early_wall().js, media_type="text/javascript", headers=IMMUTABLE)


def early_wall(scope: Scope) -> Early:
    """Return what the first page's HTML carries of the wall, for whom the gate has let in by this very request.

    Nothing where it is not known what he sees.
    """
    connection, context = HTTPConnection(scope), AppContext.current()
    link = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    is_read = scope["method"] == "GET" and "text/html" in connection.headers.get("accept", "")
    if not is_read or scope["path"] not in FIRST_PAGE_PATHS or link.get("kiosk") == "1":
        return Early()
    try:
        user = getattr(connection.state, ADMITTED, None)
        return _drawn(context.seen_by(user), link) if user is not None else Early()
    except JorgeError:  # the page itself says why it shows nothing
        return Early()


def _drawn(context: UserContext, link: dict[str, str]) -> Early:
    asked = requested_office(link)
    if asked is not None and not context.locations.is_open(asked):
        return Early()  # a link alone opens no feed: any page of the web can lead a browser to any number of them
    location = context.locations.resolve(asked)
    state, feed = context.locations.get(location), context.locations.feed(location)
    if not state.has_events or shown_state(feed.status) != "live":
        return Early()
    context.note_presence(location)
    wall = component.early_wall()
    frame, is_paused = first_state(context, location), link.get("paused") == WORDS[True]
    data = wall_data(context, location, asked=asked, paused=is_paused, frame=frame)
    parts = (
        f"<style>{_theme()}{wall.place}</style>",
        f'<div id="early" inert><template><style>{wall.css}</style>{wall.html}</template></div>',
        f'<script id="early-data" type="application/json">{_inert(data)}</script>',
        f'<script src="./{script_path()}"></script>',
    )
    first = f'<link rel="preload" as="script" fetchpriority="high" href="./{script_path()}">'
    return Early(first.encode(), "".join(parts).encode())


def _inert(data: dict[str, object]) -> str:
    """Return JSON that ends no element of the page, whatever somebody has called himself."""
    return orjson.dumps(data).decode().replace("<", "\\u003c")


@cache
def _theme() -> str:
    """Return the colours of Streamlit's theme, light and dark, by the names that its components know them by."""
    names = sorted(set(re.findall(r"var\(--(st-[a-z-]+)", component.early_wall().css)))
    light, dark = (";".join(f"--{name}:{_option(name, base)}" for name in names) for base in ("light", "dark"))
    return (
        f"#early{{{light};color-scheme:light}}#early.dark{{{dark};color-scheme:dark}}"
        f"@media(prefers-color-scheme:dark){{#early:not(.light){{{dark};color-scheme:dark}}}}"
    )


def _option(name: str, base: str) -> str:
    first, *others = name.removeprefix("st-").split("-")
    option = first + "".join(other.capitalize() for other in others)
    return str(st.get_option(f"theme.{option}" if option == "font" else f"theme.{base}.{option}"))
