"""The status of each source: active, awaited, off or refused; its light turns green with its first event."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import streamlit as st

from jorge_data.dashboard.connect.setup_guides import SetupGuide
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import Scope
from jorge_data.dashboard.ui.rows import read_rows
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import duration, line, number

INPUTS = {
    "ghl": "GHL app",
    "ghl-workflow": "GHL workflow",
    "ghl-sync": "GHL sync",
    "retell": "Retell",
    "redis": "Redis",
}
"""The inputs of `GET /api/sources` and their titles."""

State = Literal["active", "awaited", "off", "refused", "unknown"]


class NewestRefusal(NamedTuple):
    """How many deliveries of a source were refused since the server began; when and why the newest."""

    times: int
    last: datetime
    why: str


class SourceLight(NamedTuple):
    """The state of one source and when its newest event came; unknown where the event server did not answer.

    It is refused where the newest that came of it was: a secret that does not fit is the commonest fault of a setup.
    """

    title: str
    state: State
    words: str
    last: datetime | None = None
    refused: NewestRefusal | None = None


def source_lights(
    guides: Iterable[SetupGuide], inputs: Mapping[str, Any] | None, newest: Mapping[str, datetime]
) -> list[SourceLight]:
    """Return a light for each source: by the newest event of its name in the office, and by its inputs.

    `inputs` are the event server's sources by name, None where it does not answer; `newest` is when the newest event of
    each source happened.
    """
    lights = []
    for guide in guides:
        last = newest.get(guide.source)
        if guide.inputs:
            lights += [_input_light(name, None if inputs is None else inputs[name], last) for name in guide.inputs]
        else:
            lights.append(_event_light(guide.title, last, 0))
    return lights


def _input_light(name: str, status: Mapping[str, Any] | None, last: datetime | None) -> SourceLight:
    title = INPUTS[name]
    if status is None:
        return SourceLight(title, "unknown", "not known: the event server does not say")
    refused = _refused(status.get("refused", ()))
    if not status["on"]:
        return SourceLight(title, "off", f"off: set {status['setting']}", refused=refused)
    received = parse_moment(status["last_received"]) if status["last_received"] else None
    light = _event_light(title, max(filter(None, (last, received)), default=None), status["received"])
    if refused is not None and (light.last is None or light.last < refused.last):
        light = light._replace(state="refused")
    return light._replace(refused=refused)


def _refused(reasons: Sequence[Mapping[str, Any]]) -> NewestRefusal | None:
    if not reasons:
        return None
    newest = reasons[0]
    return NewestRefusal(sum(each["times"] for each in reasons), parse_moment(newest["last"]), newest["why"])


def _event_light(title: str, last: datetime | None, received: int) -> SourceLight:
    if last is None:
        return SourceLight(title, "awaited", "nothing yet")
    return SourceLight(title, "active", f"{number(received)} received" if received else "heard", last)


REFRESH_S = 2
BADGES: dict[State, tuple[Literal["green", "gray", "red"], str]] = {
    "active": ("green", ":material/check_circle:"),
    "awaited": ("gray", ":material/pending:"),
    "off": ("gray", ":material/radio_button_unchecked:"),
    "refused": ("red", ":material/block:"),
    "unknown": ("gray", ":material/help:"),
}
WIDTH = 150


def source_status(context: UserContext, guides: tuple[SetupGuide, ...], scope: Scope) -> None:
    """Draw the lights of the user's own office, and refresh them every two seconds unless the page is paused."""
    interval, own = None if scope.paused else REFRESH_S, own_office(context, scope)
    st.fragment(_lights, run_every=interval, key="lights")(context, own, guides, scope.zone.key)


def own_office(context: UserContext, scope: Scope) -> str:
    """Return the office that is shown where a link names none; that on screen where it is none of the user's."""
    home = context.settings.location
    return home if context.user.grant_at(home) else scope.location


def _lights(context: UserContext, own: str, guides: tuple[SetupGuide, ...], zone: str) -> None:
    home, now = context.locations.get(own), time.time()
    sources = home.view(now)["bar"]["sources"]
    newest = {source["name"]: datetime.fromtimestamp(source["at_ms"] / 1000, UTC) for source in sources}
    if newest:
        st.text(f"Events arrive at the office {home.location}.")
    else:
        st.text(f"No event has arrived at the office {home.location} yet: make a token, and paste a line.")
    with st.grid(4, min_column_width=WIDTH):
        for light in source_lights(guides, _inputs(context, own), newest):
            _light(light, now)
    if newest:
        with st.expander(f"Sources heard here: {len(newest)}"):
            rows = [{"source": name, "newest event": at} for name, at in newest.items()]
            config = {"newest event": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=zone)}
            read_rows(rows, config, key="sources_heard", alt="Each source with its newest event")


def _light(light: SourceLight, now: float) -> None:
    colour, icon = BADGES[light.state]
    with st.container(gap="small"):
        st.badge(light.title, color=colour, icon=icon)
        st.caption(light.words + (f", {_ago(light.last, now)}" if light.last else ""))
        if light.refused:
            st.text(
                f"{number(light.refused.times)} refused, {_ago(light.refused.last, now)}: {line(light.refused.why)}"
            )


def _ago(at: datetime, now: float) -> str:
    return f"{duration(max(0.0, now - at.timestamp()))} ago"


def _inputs(context: UserContext, own: str) -> dict[str, Any] | None:
    try:
        return {source["name"]: source for source in context.api_at(own).get("/api/sources")["sources"]}
    except RequestRefused:
        return None
