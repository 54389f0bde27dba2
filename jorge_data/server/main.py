"""Running the event server: settings in, a listener uvicorn out."""

import asyncio
import errno
import gc
import logging
import os
import socket
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import uvicorn
from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory

from jorge_data import memory
from jorge_data.errors import PortTaken, SettingsError
from jorge_data.forwarding import is_loopback
from jorge_data.metrics import Targets
from jorge_data.metrics.office_locale import write_in
from jorge_data.server.auth.allowed_origins import read_origins
from jorge_data.server.auth.authenticator import Authenticator
from jorge_data.server.auth.opened_transcripts import OpenedTranscripts
from jorge_data.server.auth.own_tokens import tokens_of
from jorge_data.server.auth.rate_limit import Buckets
from jorge_data.server.auth.refused_callers import RefusedCallers
from jorge_data.server.auth.revocations import Revocations
from jorge_data.server.auth.signing_secrets import KEYS_FILE, NotedKeys
from jorge_data.server.auth.token_service import TokenService
from jorge_data.server.background_tasks import (
    auditing,
    ending_sessions,
    erasing,
    reporting_itself,
    retaining,
    synchronizing,
    translating,
    watching,
    watching_clock,
    watching_parts,
)
from jorge_data.server.context import ServerContext
from jorge_data.server.descriptors import raise_limit
from jorge_data.server.doorway import Capacity, Doorway, capacity
from jorge_data.server.http.app import OpenContext, build_app
from jorge_data.server.http.protocol import BoundedProtocol
from jorge_data.server.ingest.begun_locations import BegunLocations
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.ingest.refusals import Refusals
from jorge_data.server.log import holes
from jorge_data.server.own_components import OwnComponents
from jorge_data.server.readiness import Readiness
from jorge_data.server.redis_source import reading_redis, redis_of
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.server.source_settings import source_settings
from jorge_data.server.telemetry import Telemetry
from jorge_data.server.users.passwords import Passwords
from jorge_data.server.users.sessions import LoginPolicy, SessionService
from jorge_data.server.users.users import UserService
from jorge_data.server.views_file import take_over_views
from jorge_data.server.webhook.delivery_receiver import DeliveryReceiver
from jorge_data.server.webhook.vendors import vendors_of
from jorge_data.server.websocket.protocol import SECURITY_HEADERS, FanOutProtocol
from jorge_data.settings import Settings
from jorge_data.store import FOLDER, Archive, Store, open_store

logger = logging.getLogger(__name__)

MAX_FRAME_BYTES = (1 << 20) + (64 << 10)
"""A publish of 1 MiB and its envelope."""

GC_THRESHOLDS = 50_000, 20, 50
"""Collections are rare: events are freed by reference counts, and a full collection would hold the loop for 100 ms."""

PING_S, PONG_WITHIN_S = 25.0, 8.0
KEEP_ALIVE_S = 20
"""Longer than most pages wait for their next refresh, so that their requests need no new connection."""

GRACE_S = 4
"""How long requests under way may take when the server is asked to stop; the rest of ten seconds is the store's."""

END_WITHIN_S = 9.0
"""How long the server may take to end when it is asked to: a supervisor waits for ten seconds, then it kills."""

SEND_BUFFER_BYTES = 128 << 10
READING_THREADS = 6


def _authenticator_of(settings: Settings) -> Authenticator:
    asked, alone = settings.anonymous == "read", is_loopback(settings.host) and not settings.public_url
    if asked and not alone:
        allowed = "off where JORGE_PUBLIC_URL is set or JORGE_HOST is not a loopback address"
        raise SettingsError("JORGE_ANONYMOUS", settings.anonymous, allowed)
    origins = read_origins(f"{settings.origins},{settings.public_url}")
    return Authenticator(tokens_of(settings), asked, alone, origins, Revocations())


def context_opener(settings: Settings, room: Capacity) -> OpenContext:
    """Return how to open the context that these settings describe; raise SettingsError."""
    authenticator = _authenticator_of(settings)
    if settings.retention == "archive":
        Archive(settings.store_folder / FOLDER).check_writable()
    vendors, redis = vendors_of(settings), redis_of(settings)
    contexts: list[ServerContext] = []
    # Opened here, and not when the application begins: what is wrong with it is then one sentence.
    readiness = Readiness()
    store = open_store(
        settings.store_url,
        lambda commit: contexts[0].committed(commit),
        readiness.report,
        lambda location, epoch, hole: holes.tell(contexts[0].store, location, epoch, hole),
    )
    telemetry = _telemetry_of(store, readiness)
    doorway = Doorway(room, settings.clients_an_address, readiness, telemetry)
    rates = Buckets(settings.publish_rate, "events", time.monotonic)
    begun = BegunLocations(settings.locations_a_token, lambda location: store.bounds(location).top > 0)
    ingest = Ingest(store, rates, telemetry, float(settings.rates.last), Refusals(datetime.now(UTC)), begun)

    @asynccontextmanager
    async def open_context() -> AsyncIterator[ServerContext]:
        # Fewer threads read than the store has connections, so that the loop never waits for one.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(READING_THREADS, "reading"))
        write_in(settings.locale)
        targets = Targets(**settings.targets)
        rollup_worker = RollupWorker(
            store, targets, telemetry, lambda change: contexts[0].folded(change), readiness.report
        )
        deliveries = DeliveryReceiver(
            store.inbox, vendors, telemetry, settings.ghl_location or settings.location, store.erasures.contacts
        )
        noted_keys = NotedKeys(settings.store_folder / KEYS_FILE)
        token_service = TokenService(
            authenticator.tokens, store.credentials, store.audit, authenticator.revocations, noted_keys
        )
        sources = source_settings(settings)
        sessions = SessionService(
            store.users,
            store.audit,
            authenticator,
            Passwords(),
            LoginPolicy(
                timedelta(hours=settings.session_idle_hours), timedelta(hours=settings.session_hours), settings.login
            ),
        )
        contexts.append(
            ServerContext(
                store=store,
                authenticator=authenticator,
                ingest=ingest,
                targets=targets,
                rollup_worker=rollup_worker,
                deliveries=deliveries,
                token_service=token_service,
                user_service=UserService(store.users, sessions, token_service),
                sources=sources,
                telemetry=telemetry,
                readiness=readiness,
                doorway=doorway,
                own_components=OwnComponents(store, readiness, store.last_alive),
                views=store.views,
                refused_callers=RefusedCallers(store.audit),
                opened_transcripts=OpenedTranscripts(store.audit, store.digest),
            )
        )
        await take_over_views(store)
        rollup_worker.start()
        try:
            async with AsyncExitStack() as tasks:
                await tasks.enter_async_context(watching(contexts[0]))
                await tasks.enter_async_context(reporting_itself(contexts[0]))
                await tasks.enter_async_context(ending_sessions(contexts[0]))
                await tasks.enter_async_context(reading_redis(redis, settings, ingest))
                await tasks.enter_async_context(watching_clock(contexts[0]))
                await tasks.enter_async_context(translating(contexts[0]))
                await tasks.enter_async_context(synchronizing(settings, contexts[0]))
                await tasks.enter_async_context(retaining(settings, contexts[0], store))
                await tasks.enter_async_context(erasing(contexts[0], store))
                await tasks.enter_async_context(watching_parts(contexts[0], store.archive))
                await tasks.enter_async_context(auditing(contexts[0]))
                yield contexts[0]
        finally:
            await contexts[0].close()

    return open_context


def _telemetry_of(store: Store, readiness: Readiness) -> Telemetry:
    telemetry = Telemetry()
    telemetry.add_parts(readiness)
    telemetry.waiting.set_function(lambda: store.waiting)
    telemetry.store_bytes.set_function(lambda: store.size)
    return telemetry


def configure(settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration, with the protocol and the limits that fan-out needs."""
    descriptors = raise_limit()
    room, public = capacity(settings.max_clients, descriptors), settings.public_address
    return uvicorn.Config(
        build_app(context_opener(settings, room), settings.max_clients),
        host=settings.host,
        port=settings.port,
        http=BoundedProtocol,
        ws=FanOutProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PONG_WITHIN_S,
        ws_per_message_deflate=False,
        backlog=descriptors.backlog(room.most),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        access_log=False,
        proxy_headers=False,  # who connects is the proxy: what it says of others is anybody's to say
        server_header=False,
        headers=list({**SECURITY_HEADERS, **(public.headers if public else {})}.items()),
        log_config=None,
    )


def listen(host: str, port: int) -> socket.socket:
    """Bind the server's address; raise PortTaken where something else holds it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted sockets inherit these: a response in two writes must not wait 40 ms for the first one's ACK; and what the
    # kernel would swallow for a reader that stopped is not ours to cut.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise SettingsError("JORGE_HOST", host, f"an address of this machine ({error.strerror})") from None
    return listener


class EventServer(uvicorn.Server):
    """uvicorn's server, which ends streams before it waits for them, and itself in time whatever is under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        threading.Thread(target=_end_in_time, name="end-in-time", daemon=True).start()
        if isinstance(self.config.app, FastAPI):
            context: ServerContext = self.config.app.state.context
            context.store.announce_end()
            context.ending.set()
        await super().shutdown(sockets)


def run(settings: Settings, child: bool = False) -> None:
    """Serve until asked to stop; as a child process, also until the parent closes our standard input.

    The loop is uvloop where that is installed (not on Windows), else asyncio's own (`docs/decisions.md`).
    """
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_serve(settings, child))


async def _serve(settings: Settings, child: bool) -> None:
    memory.limit_malloc()
    listener = listen(settings.host, settings.port)
    server = EventServer(configure(settings))
    if child:
        threading.Thread(target=_end_with_parent, args=(server,), name="parent-watch", daemon=True).start()
    memory.presize_intern_table()
    gc.freeze()  # what was loaded at start is for ever: it need not be looked at again
    gc.set_threshold(*GC_THRESHOLDS)
    await server.serve(sockets=[listener])


def _end_in_time() -> None:
    """End the process where something holds it up: what was acknowledged is on disk, all else is done again."""
    threading.Event().wait(END_WITHIN_S)
    # The loop waits for the threads that answer questions, and a question of ten million events for no signal.
    logger.warning("the server ends without waiting for what is still under way")
    logging.shutdown()
    os._exit(0)


def _end_with_parent(server: uvicorn.Server) -> None:
    while os.read(0, 1 << 10):  # not sys.stdin: its lock, held by a daemon thread, is fatal when the interpreter ends
        pass
    server.should_exit = True
