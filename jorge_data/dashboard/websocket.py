"""The live socket of the dashboard, `/api/live`: same origin alone, one ticket once, then state and patches."""

import asyncio
import contextlib
import logging
from typing import Any

import orjson
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from jorge_data.dashboard.allowed_hosts import refused_socket
from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.http_middleware import refuse_socket
from jorge_data.dashboard.push.client_queue import ClientQueue
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.errors import Forbidden, JorgeError, RequestRefused, Unauthenticated, Unavailable
from jorge_data.events import new_id
from jorge_data.permissions import Right, may

JOIN_WITHIN_S = 5.0
MOST_BYTES = 4096
MOST_ACTIONS = 8
AGAIN = "Press it again: it is saved once"
_log = logging.getLogger(__name__)


async def live(socket: WebSocket) -> None:
    """Serve one tab until it disconnects."""
    if reason := refused_socket(socket.headers):
        await refuse_socket(Forbidden(reason), socket.scope, socket.receive, socket.send)
        return
    await socket.accept()
    try:
        context = user_context(socket)
        holder = await _admit(socket, context)
        await _Connection(socket, context, ClientQueue(holder)).serve()
    except RequestRefused as refusal:
        with contextlib.suppress(RuntimeError):  # the tab has disconnected already
            await socket.close(refusal.close, str(refusal)[:100])
    except WebSocketDisconnect:
        pass


def user_context(connection: HTTPConnection) -> UserContext:
    """Return what there is for whose cookie came; raise Unauthenticated where he is not in, or no longer."""
    context = AppContext.current()
    user = context.access.user_of(connection.cookies)
    if user is None:
        raise Unauthenticated("the login has ended: log in again")
    return context.seen_by(user)


async def _admit(socket: WebSocket, context: UserContext) -> Holder:
    try:
        async with asyncio.timeout(JOIN_WITHIN_S):
            message = await _read(socket)
    except TimeoutError:
        raise Unauthenticated("no ticket within 5 s") from None
    return _redeem(context, message)


def _redeem(context: UserContext, message: dict[str, Any]) -> Holder:
    holder = context.app.tickets.redeem(str(message.get("ticket")), context.user)
    if holder is None:
        raise Unauthenticated("the ticket is spent, too old, or another user's")
    return holder


class _Connection:
    """One tab's connection: one task sends, another receives."""

    def __init__(self, socket: WebSocket, context: UserContext, queue: ClientQueue) -> None:
        self._socket, self._context, self._queue = socket, context, queue
        self._broadcaster = context.app.broadcaster
        self._actions: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Send and receive until either ends."""
        self._broadcaster.join(self._queue)
        tasks = {asyncio.create_task(self._send()), asyncio.create_task(self._receive())}
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._broadcaster.leave(self._queue)

    async def _receive(self) -> None:
        while True:
            self._handle(await _read(self._socket))

    async def _send(self) -> None:
        while True:
            frame = await self._queue.next() or self._state()
            await self._socket.send_text(frame.decode())

    def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "painted" if isinstance(message.get("v"), int):
                self._broadcaster.painted(self._queue, message["v"])
            case "resend":
                self._queue.require_state()
            case "retry" if self._queue.location:
                self._context.locations.feed(self._queue.location).retry_now()
            case "audience":
                self._change_audience(_redeem(self._context, message))
            case "act" if len(self._actions) < MOST_ACTIONS:
                task = asyncio.create_task(self._publish_action(message))
                self._actions.add(task)
                task.add_done_callback(self._actions.discard)

    def _state(self) -> bytes:
        key = self._context.app.tickets.key(self._queue.holder)
        return self._broadcaster.state(self._queue, key)

    def _change_audience(self, holder: Holder) -> None:
        """Show the location of the page's new ticket."""
        self._broadcaster.leave(self._queue)
        self._queue.switch(holder)
        self._broadcaster.join(self._queue)

    async def _publish_action(self, message: dict[str, Any]) -> None:
        reply = await publish_action(self._context, self._queue.location or "", message)
        self._queue.reply(orjson.dumps(reply))


async def publish_action(context: UserContext, location: str, message: dict[str, Any]) -> dict[str, Any]:
    """Publish what a user pressed on a wall, as his; return what his tab is told, whatever happened."""
    refused = {"type": "refused", "ref": message.get("ref"), "item": message.get("item"), "again": False}
    try:
        role = context.grant_at(location).role
        if not may(role, Right.ACT):
            raise Forbidden(f"the role {role} may not {Right.ACT}")
        await asyncio.to_thread(_publish, context, location, message)
    except Unavailable as error:  # it may be stored all the same, by a server that wakes up later
        return {**refused, "again": True, "detail": f"Not saved yet: {str(error).partition(';')[0]}. {AGAIN}"}
    except JorgeError as error:
        return {**refused, "detail": f"Not saved: {error}"}
    except Exception:  # whatever failed, the buttons that were pressed wait for a response
        incident = new_id()
        _log.exception("incident %s: an action on the wall", incident)
        return {**refused, "detail": f"Not saved: something failed here; the log names it by {incident}"}
    return {"type": "done", "ref": message.get("ref"), "item": message.get("item")}


def _publish(context: UserContext, location: str, message: dict[str, Any]) -> None:
    to, owner, user = message.get("to"), None, context.colleague_at(location, None)
    if message.get("action") == "assigned":
        owner = context.colleague_at(location, None if to is None else str(to))
    context.app.attention.publish(context.api_at(location), location, user, message, owner)


async def _read(socket: WebSocket) -> dict[str, Any]:
    """Return the tab's next message."""
    return decode(await socket.receive_text())


def decode(text: str | bytes) -> dict[str, Any]:
    """Return a message of a page of ours; raise RequestRefused where it is none."""
    try:
        message = orjson.loads(text) if len(text) <= MOST_BYTES else None
    except orjson.JSONDecodeError:
        message = None
    if not isinstance(message, dict):
        raise RequestRefused("a message is a JSON object of at most 4 KiB")
    return message
