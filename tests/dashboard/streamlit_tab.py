"""A tab of the dashboard without a browser: it speaks Streamlit's protocol, and keeps every byte that it is sent."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE_S = 60.0
STILL_WORKS = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class StreamlitTab:
    """One session of Streamlit's; each page in it is run to its end."""

    def __init__(self, socket: ClientConnection, url: str, cookie: str) -> None:
        self._socket, self._url, self._cookie = socket, url, cookie
        self._session = ""
        self._requests = 0

    def run(self, path: str = "", opened: Iterable[str] = (), pressed: str = "", **query: str) -> "Drawn":
        """Run a page with its details and these popovers open, and perhaps a button pressed; return what was drawn."""
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string, state.page_name = urlencode({"details": "true"} | query), path
        state.context_info.timezone, state.context_info.url = "America/Chicago", f"{self._url}/{path}"
        for popover in opened:
            widget = state.widget_states.widgets.add()
            widget.id, widget.bool_value = popover, True
        if pressed:
            widget = state.widget_states.widgets.add()
            widget.id, widget.trigger_value = pressed, True
        self._socket.send(asked.SerializeToString())
        drawn = Drawn()
        while True:
            message, content = self._read()
            if message.HasField("new_session"):
                self._session = message.new_session.initialize.session_id
                drawn = Drawn()
            drawn.take(message, content)
            if message.HasField("script_finished") and message.script_finished != STILL_WORKS:
                return drawn

    def download(self, file: str) -> bytes:
        """Press a button whose file is made then; return the file."""
        asked, self._requests = BackMsg(), self._requests + 1
        request = asked.backend_operation_request
        request.request_id, request.session_id = str(self._requests), self._session
        request.deferred_file.file_id = file
        self._socket.send(asked.SerializeToString())
        while True:
            message, _ = self._read()
            answer = message.backend_operation_response
            if answer.request_id == request.request_id:
                break
        assert answer.HasField("deferred_file"), answer
        told = requests.get(self._url + answer.deferred_file.url, headers={"Cookie": self._cookie}, timeout=20)
        assert told.status_code == 200, told.text
        return told.content

    def _read(self) -> tuple[ForwardMsg, bytes]:
        content = self._socket.recv(PATIENCE_S)
        assert isinstance(content, bytes)
        return ForwardMsg.FromString(content), content


class Drawn:
    """What a run of a page has sent."""

    def __init__(self) -> None:
        self.content = b""
        self.popovers: set[str] = set()
        self.downloads: dict[str, str] = {}
        """The file behind each button that has one, by the button's id."""
        self.buttons: dict[str, str] = {}
        """The ids of the other buttons by their labels."""
        self.pages: set[str] = set()
        """The pages that links lead to, by their paths."""
        self.wall: dict[str, Any] = {}
        """What the wall is mounted with: its ticket, its key, its first frame."""

    def and_then(self, later: "Drawn") -> Self:
        """Add what a later run of the same page has sent."""
        self.content += later.content
        self.popovers |= later.popovers
        self.downloads |= later.downloads
        self.wall |= later.wall
        return self

    def take(self, message: ForwardMsg, content: bytes) -> None:
        self.content += content
        delta = message.delta
        if delta.HasField("add_block") and delta.add_block.popover.id:
            self.popovers.add(delta.add_block.popover.id)
        if delta.HasField("new_element"):
            element = delta.new_element
            if element.HasField("download_button"):
                button = element.download_button
                self.downloads[button.id] = button.deferred_file_id
            if element.HasField("button"):
                self.buttons[element.button.label] = element.button.id
            if element.HasField("page_link"):
                self.pages.add(element.page_link.page)
            if element.bidi_component.component_name == "jorge_wall":
                mounted = element.bidi_component
                self.wall = json.loads(mounted.json or mounted.mixed.json)
            assert not element.HasField("exception"), element.exception


@contextmanager
def open_tab(url: str, cookie: str, **options: Any) -> Iterator[StreamlitTab]:
    """Open a tab of whoever has this cookie; `options` of the connection: how the address is reached."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    options |= {"additional_headers": {"Cookie": cookie}, "origin": origin, "proxy": None, "max_size": None}
    with connect(address, subprotocols=[Subprotocol("streamlit")], **options) as socket:
        yield StreamlitTab(socket, url, cookie)
