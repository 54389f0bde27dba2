"""The live wall as Streamlit mounts it: html, css and javascript from the files beside this one."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from streamlit.file_util import get_static_dir

_HERE = Path(__file__).parent
_WALL_JS = ("dom.js", "stream.js", "link.js", "actions.js", "needs.js", "card.js", "palette.js", "wall.js")
_WALL_CSS = ("wall.css", "palette.css")
_FRAME_JS = ("ended.js", "zoom.js", "print.js", "picture.js", "frame.js")


def _read(*names: str) -> str:
    return "\n".join((_HERE / "frontend" / name).read_text(encoding="utf-8") for name in names)


@cache
def wall() -> Callable[..., Any]:
    """Return the component that paints the header on every page and the wall on the Command Center."""
    js = _read(*_WALL_JS, "mount.js")
    return st.components.v2.component("jorge_wall", html=_read("wall.html"), css=_read(*_WALL_CSS), js=js)


class EarlyWall(NamedTuple):
    """The wall's files as they stand in a page's own HTML, before Streamlit mounts the component."""

    html: str
    css: str
    js: str
    place: str
    """Where it stands on the page, as CSS."""


@cache
def early_wall() -> EarlyWall:
    """Return the very wall that the component paints, which waits for no Streamlit."""
    js = f"(() => {{\n{_read(*_WALL_JS, 'early.js')}\n}})();"
    return EarlyWall(_read("wall.html"), _read(*_WALL_CSS), js, _read("early.css"))


@cache
def panel() -> Callable[..., Any]:
    """Return the component that paints the diagnostics in the sidebar."""
    return st.components.v2.component(
        "jorge_diagnostics", html=_read("panel.html"), css=_read("panel.css"), js=_read("panel.js")
    )


@cache
def frame() -> Callable[..., Any]:
    """Return the component that is outside any shadow root: it styles Streamlit's own page, on screen and on paper."""
    css, js = _read("frame.css", "print.css"), _read(*_FRAME_JS)
    return st.components.v2.component("jorge_frame", css=css, js=js, isolate_styles=False)


DRAWN_WITH = ("Metric", "PlotlyChart", "Multiselect", "DataFrame", "Html", "DownloadButton")
"""The parts of Streamlit that most pages draw with and the first one does not: tiles first."""


@cache
def loaded_ahead() -> tuple[str, ...]:
    """Return the names of their files, which the frame has the browser load once it has nothing else to do."""
    files = sorted((Path(get_static_dir()) / "static" / "js").glob("*.js"))
    return tuple(file.name for part in DRAWN_WITH for file in files if file.name.partition(".")[0] == part)


@cache
def wall_screen() -> Callable[..., Any]:
    """Return the component that styles Streamlit's own page on a wall screen.

    Its rules are on no other page: each asks of the whole page whether it is one, at whatever changes on it.
    """
    return st.components.v2.component("jorge_kiosk", css=_read("kiosk.css"), isolate_styles=False)


@cache
def turning() -> Callable[..., Any]:
    """Return the component that shows a wall screen's pages by turns, each in a frame of its own."""
    css, js = _read("turning.css"), _read("ended.js", "turning.js")
    return st.components.v2.component("jorge_turning", css=css, js=js, isolate_styles=False)
