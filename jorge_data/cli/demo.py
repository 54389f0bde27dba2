"""`demo`: the bots of a day in Jorge's office."""

import os
import signal
import threading
from typing import Annotated

import typer

from jorge_data.cli.options import settings_with
from jorge_data.logs import configure_logs
from jorge_data.permissions import Role


def demo(
    speed: Annotated[float | None, typer.Option(help="How fast the day passes [JORGE_DEMO_SPEED].")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same day [JORGE_DEMO_SEED].")] = None,
) -> None:
    """Play a day in Jorge's office through the publish API."""
    from jorge_data.demo import run
    from jorge_data.server.auth.own_tokens import tokens_of

    settings = settings_with(demo_speed=speed, demo_seed=seed)
    configure_logs(settings.log_level)
    roles: tuple[Role, Role] = ("admin", "publisher")
    token, publish_token = (
        settings.token.get_secret_value() or tokens_of(settings).issue(role, "demo-bots", 30 * 86400) for role in roles
    )
    run(
        settings.api_url,
        token,
        publish_token,
        mode=settings.demo,
        home=settings.location,
        seed=settings.demo_seed,
        speed=settings.demo_speed,
        zone=settings.timezone,
        stop=_stop_with_parent(),
        ca_file=settings.ca_file,
    )


def _stop_with_parent() -> threading.Event:
    """Return an event that is set by SIGINT and SIGTERM, and in a child process when its parent has ended."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if os.environ.get("JORGE_CHILD") == "1":
        threading.Thread(target=_set_at_end_of_input, args=(stop,), name="parent-watch", daemon=True).start()
    return stop


def _set_at_end_of_input(stop: threading.Event) -> None:
    while os.read(0, 1 << 10):  # not sys.stdin: its lock, held by a daemon thread, is fatal when the interpreter ends
        pass
    stop.set()
