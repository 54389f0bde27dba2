"""The commands: each option is also a setting."""

import asyncio
import os
import re
import signal
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from jorge_data.errors import SettingsError, SourceFailed
from jorge_data.events import parse_moment
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.logs import configure_logs
from jorge_data.permissions import ROLES, Role
from jorge_data.settings import Settings, read_settings

if TYPE_CHECKING:
    from jorge_data.bots import Client

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_TTL = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _settings(**given: Any) -> Settings:
    """Read the settings, with what the command line says before what the environment does."""
    return read_settings(**{name: value for name, value in given.items() if value is not None})


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [JORGE_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [JORGE_PORT].")] = None,
    store: Annotated[str | None, typer.Option(help="Where events are kept [JORGE_STORE_URL].")] = None,
) -> None:
    """Run the event server."""
    from jorge_data.server.serve import run

    settings = _settings(host=host, port=port, store_url=store)
    configure_logs(settings.log_level)
    asyncio.run(run(settings, child=os.environ.get("JORGE_CHILD") == "1"))


@app.command()
def demo(
    speed: Annotated[float | None, typer.Option(help="How fast the day passes [JORGE_DEMO_SPEED].")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same day [JORGE_DEMO_SEED].")] = None,
) -> None:
    """Play a day in Jorge's office through the publish API."""
    from jorge_data.demo import run
    from jorge_data.server.serve import tokens_of

    settings = _settings(demo_speed=speed, demo_seed=seed)
    configure_logs(settings.log_level)
    run(
        settings.api_url,
        # An admin's, because it clears the demo's office, and bound to none, because it looks for the first real event.
        settings.token.get_secret_value() or tokens_of(settings).issue("admin", "demo-bots", 30 * 86400),
        mode=settings.demo,
        home=settings.location,
        seed=settings.demo_seed,
        speed=settings.demo_speed,
        zone=settings.timezone,
        stop=_stop_with_parent(),
    )


@app.command()
def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "publisher",
    location: Annotated[str | None, typer.Option(help="Bind the token to one location.")] = None,
    ttl: Annotated[str, typer.Option(help="How long it is valid: 90s, 15m, 12h, 30d.")] = "30d",
    subject: Annotated[str, typer.Option(help="Whose token it is.")] = "command-line",
) -> None:
    """Print a token, alone, on standard output."""
    from jorge_data.server.serve import tokens_of
    from jorge_data.server.tokens import check_role

    checked = check_role(role), subject, _seconds(ttl), _location(location)
    typer.echo(tokens_of(_settings()).issue(*checked))


@app.command()
def sync(source: Annotated[str, typer.Argument(help="What to synchronize with: ghl.")]) -> None:
    """Have the event server read all of GoHighLevel again, and tell what webhooks missed."""
    from jorge_data.progress import progress

    if source != "ghl":
        raise SettingsError("sync", source, "ghl")
    settings = _settings()
    changed = 0
    with progress("GoHighLevel") as show:
        for line in _told(settings, "/api/sync/ghl", settings.ghl_location or None):
            if line.get("error"):
                raise SourceFailed("the synchronization", line["error"])
            changed = line.get("changed", changed)
            show(_share(line), f"{line.get('listing', 'beginning')}: {line.get('done', 0)}, {changed} differ")
    typer.echo(f"{changed} records differed and are told as events")


@app.command()
def rebuild(
    location: Annotated[str | None, typer.Option(help="Only the rollups of this location.")] = None,
) -> None:
    """Have the event server fold its logs anew; until that is done, their history answers 503."""
    from jorge_data.progress import progress

    _location(location)
    with progress("Rollups") as show:
        for line in _told(_settings(), "/api/rollups/rebuild", location):
            share = line["folded"] / line["top"] if line["top"] else 1.0
            show(share, f"{line['location']}: {line['folded']:,} of {line['top']:,} events")


def _told(settings: Settings, path: str, location: str | None) -> Iterator[dict[str, Any]]:
    """Yield what the event server tells of a long work that it is asked for; raise SourceFailed where it refuses."""
    import requests

    from jorge_data.bearer import Bearer
    from jorge_data.server.serve import tokens_of

    token = settings.token.get_secret_value() or tokens_of(settings).issue("admin", "command-line", 3600, location)
    try:
        with requests.post(f"{settings.api_url}{path}", auth=Bearer(token), stream=True, timeout=(5, 600)) as answer:
            if not answer.ok:
                raise SourceFailed(settings.api_url, answer.text, answer.status_code)
            yield from map(orjson.loads, answer.iter_lines(chunk_size=None))
    except requests.RequestException as error:
        raise SourceFailed(settings.api_url, f"no answer ({type(error).__name__}): start it first") from None


def _share(line: dict[str, Any]) -> float:
    """Return how much of a synchronization is done: each listing counts as half."""
    if line["ended"]:
        return 1.0
    done = min(1.0, line["done"] / line["total"]) if line.get("total") else 0.0
    return {"opportunities": 0.5 * done, "contacts": 0.5 + 0.5 * done}.get(line.get("listing", ""), 0.0)


@app.command()
def schema() -> None:
    """Print the event contract as JSON Schema."""
    from jorge_data.events.schema import json_schema

    typer.echo(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode())


@app.command()
def retranslate(
    location: Annotated[str | None, typer.Option(help="Only deliveries of this location.")] = None,
) -> None:
    """Have the event server translate again the webhook deliveries that it could not translate."""
    import requests

    from jorge_data.bearer import Bearer
    from jorge_data.server.serve import tokens_of

    settings = _settings()
    token = settings.token.get_secret_value() or tokens_of(settings).issue("admin", "command-line", 60)
    url, query = f"{settings.api_url}/api/deliveries/retranslate", {"location": location} if _location(location) else {}
    try:
        answer = requests.post(url, params=query, auth=Bearer(token), timeout=30)
    except requests.RequestException as error:
        raise SourceFailed(settings.api_url, f"no answer ({type(error).__name__}): start it first") from None
    if not answer.ok:
        raise SourceFailed(settings.api_url, answer.text, answer.status_code)
    typer.echo(f"{answer.json()['reopened']} deliveries are translated again")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="NDJSON, CSV or Parquet, by its suffix.")],
    location: Annotated[str | None, typer.Option(help="Into this location; without it, where each event says.")] = None,
    token: Annotated[str | None, typer.Option(help="What to publish with [JORGE_TOKEN].")] = None,
) -> None:
    """Publish a file's events to the running event server; a repeat goes on where it broke off."""
    from jorge_data.progress import progress
    from jorge_data.transfer import import_file

    with _client("publisher", _location(location), token) as client:
        outcome = import_file(client, file, location, progress)
    typer.echo(str(outcome))
    raise typer.Exit(1 if outcome.refused else 0)


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="NDJSON, CSV or Parquet, by its suffix.")],
    location: Annotated[str, typer.Option(help="The location whose events are written.")],
    types: Annotated[str | None, typer.Option(help="Only these kinds, comma-separated.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Only what happened at this moment or later.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Only what happened before this moment.")] = None,
    token: Annotated[str | None, typer.Option(help="What to read with [JORGE_TOKEN].")] = None,
) -> None:
    """Write a location's events, as the running event server has them, to a file."""
    from jorge_data.progress import progress
    from jorge_data.transfer import Chosen, export_file

    _location(location)
    chosen = Chosen(location, types, _moment("--from", start), _moment("--to", end))
    with _client("manager", location, token) as client:
        written = export_file(client, file, chosen, progress)
    typer.echo(f"{written:,} events in {file}")


@app.command()
def doctor() -> None:
    """Check ports, store, token, clock and versions, and say what to do."""
    from jorge_data.doctor import examine

    findings = examine(_settings())
    for finding in findings:
        typer.echo(str(finding))
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


def _client(role: Role, location: str | None, token: str | None) -> "Client":
    """Return a client of the event server: with the token given, the one that is set, or one made from the secret."""
    from jorge_data.bots import Client
    from jorge_data.server.serve import tokens_of

    settings = _settings(token=token)
    known = settings.token.get_secret_value()
    return Client(settings.api_url, known or tokens_of(settings).issue(role, "command-line", 86400, location))


def _moment(option: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_moment(text)
    except ValueError as error:
        raise SettingsError(option, text, str(error).removeprefix("allowed: ")) from None


def _seconds(text: str) -> float:
    match = _TTL.fullmatch(text)
    if not match or not int(match[1]):
        raise SettingsError("--ttl", text, "a whole number and a unit: 90s, 15m, 12h, 30d")
    return int(match[1]) * _UNITS[match[2]]


def _location(name: str | None) -> str | None:
    if name is not None and not LOCATION.fullmatch(name):
        raise SettingsError("--location", name, ALLOWED_LOCATION.removeprefix("allowed: "))
    return name


def _stop_with_parent() -> threading.Event:
    """Return an event that is set when this process is told to end, or, as a child, when its parent has."""
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
