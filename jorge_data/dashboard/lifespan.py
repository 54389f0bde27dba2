"""The dashboard's lifespan: start what it needs, print its addresses, and stop everything at the end."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, NoReturn

import streamlit as st

from jorge_data import memory
from jorge_data.dashboard import child_process, embedded_server, startup_message, streamlit_options
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.cookie import cookie_name
from jorge_data.dashboard.login.first_admin import invite_first
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.paths import LOGIN, LOGOUT
from jorge_data.dashboard.login.session_access import SessionAccess
from jorge_data.dashboard.login.session_client import SessionClient
from jorge_data.dashboard.login.start_check import check_login
from jorge_data.dashboard.login.user import Access, LocalAccess
from jorge_data.errors import JorgeError, SettingsError
from jorge_data.http_client import check_encrypted
from jorge_data.permissions import Role
from jorge_data.settings import Settings, settings

FAREWELLS = {"oidc": LOGOUT, "proxy": LOGIN}
"""Where whoever logs out is led, by the login: who let him in would do so again at once."""

WATCH_S = 0.5
PRINTED_TOKEN_TTL = "12h"
"""A working day, for the token that is printed; those that stay are made on the Connect page or by `jorge token`."""


def read_settings_or_exit() -> Settings:
    """Return the settings; where one is wrong, say so in one sentence and exit with 2."""
    try:
        return settings()
    except SettingsError as error:
        refuse(error)


def set_options_or_exit() -> str:
    """Set Streamlit's options by our settings; return the path before every page, or exit with 2 as above."""
    try:
        check_encrypted(settings().socket_url, "JORGE_SOCKET_URL")
        check_login(settings(), st.get_option("server.address"), st.get_option("server.sslCertFile"))
        return streamlit_options.apply(settings())
    except SettingsError as error:
        refuse(error)


def refuse(error: JorgeError) -> NoReturn:
    """Print why the dashboard cannot start and exit with 2: uvicorn would print a traceback and exit with 3."""
    sys.stderr.write(f"{error}\n")
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(2)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Run the event server where none is, the demo bots, the feeds and the broadcaster while the process serves."""
    memory.limit_malloc()
    settings = read_settings_or_exit()
    async with AsyncExitStack() as stack:
        try:
            context = await _open(settings, stack)
        except JorgeError as error:
            await stack.aclose()
            refuse(error)
        if settings.exit_with_parent:
            await _run_task(stack, _end_with_parent(os.getppid()))
        await _run_task(stack, context.broadcaster.run())
        stack.push_async_callback(context.server_health.end)
        await _run_task(stack, context.server_health.run())
        memory.presize_intern_table()
        gc.freeze()  # pandas, plotly and Streamlit stay for ever: no collection need hold the wall to look at them
        # On a terminal alone: what is written to a file stays there, and is read by others.
        to_person = sys.stdout.isatty() and not settings.token.get_secret_value()
        publish_token = await _make_token("publisher", "--ttl", PRINTED_TOKEN_TTL) if to_person else ""
        local = (
            f"{'https' if st.get_option('server.sslCertFile') else 'http'}://localhost:{st.get_option('server.port')}"
        )
        sys.stdout.write(startup_message.startup_message(settings, local, publish_token))
        sys.stdout.flush()
        if isinstance(context.access, SessionAccess):
            await _run_task(stack, invite_first(settings, settings.public_url or local, context.access.client))
        yield None


async def _open(settings: Settings, stack: AsyncExitStack) -> AppContext:
    if await asyncio.to_thread(embedded_server.is_needed, settings):
        server = await asyncio.to_thread(embedded_server.start, settings)
        stack.push_async_callback(asyncio.to_thread, server.stop)
    # With a login it lets people in and reads nothing by itself: all else is asked with the token of the person.
    own = _own_token(settings, "dashboard" if settings.login else "admin")
    await asyncio.to_thread(own.current)  # made while nobody waits for it
    context = AppContext.build(settings, own, await _open_access(settings, own, stack))
    stack.callback(context.api.close)
    stack.push_async_callback(asyncio.to_thread, context.locations.close)
    stack.push_async_callback(asyncio.to_thread, context.queries.close)
    context.make_current()
    if settings.demo != "0":
        demo = child_process.Child("demo bots", child_process.command("demo"))
        demo.start()
        stack.push_async_callback(asyncio.to_thread, demo.stop)
    if local := context.access.user_of({}):  # whoever logs in opens what he looks at
        locations = context.locations.seen_by(local)
        for location in {settings.location, locations.resolve(None)}:
            locations.get(location)
    return context


async def _open_access(settings: Settings, own: OwnToken, stack: AsyncExitStack) -> Access:
    """Return who is let in: by a login, or the one person on this machine."""
    if not settings.login:
        given = bool(settings.token.get_secret_value())
        is_his = given or settings.role == "admin"
        make_for = None if given else partial(make_maker_token, settings)
        return LocalAccess(
            settings.viewer, settings.role, own if is_his else _own_token(settings, settings.role), make_for
        )
    client = SessionClient(settings.api_url, own, settings.ca_file)
    stack.callback(client.close)
    access = SessionAccess(client, cookie_name(settings), FAREWELLS.get(settings.login))
    await _run_task(stack, access.run())
    return access


def make_maker_token(settings: Settings, ttl_s: int) -> str:
    """Return a token of the person on this machine that lasts up to a day longer than one that he makes by it."""
    whose = "--role", settings.role, f"--subject={settings.viewer}"
    return child_process.run_command("token", *whose, "--ttl", f"{ttl_s // 86_400 + 1}d")


def _own_token(settings: Settings, role: Role) -> OwnToken:
    make = partial(child_process.run_command, "token", "--role", role)
    return OwnToken(settings.token.get_secret_value(), make, role)


async def _make_token(role: str, *options: str) -> str:
    """Return a token made with the secret of this machine; empty where there is no secret to make one with."""
    try:
        return await asyncio.to_thread(child_process.run_command, "token", "--role", role, *options)
    except (OSError, subprocess.SubprocessError):
        logging.getLogger(__name__).warning("no %s token could be made here; set JORGE_TOKEN", role)
        return ""


async def _run_task(stack: AsyncExitStack, coroutine: Any) -> None:
    task = asyncio.create_task(coroutine)

    async def end() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


async def _end_with_parent(parent: int) -> None:
    """Ask this process to end, as Ctrl-C would, when the one that started it is gone."""
    while os.getppid() == parent:
        await asyncio.sleep(WATCH_S)
    os.kill(os.getpid(), signal.SIGTERM)
