"""`export`: writes a location's events to a file."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jorge_data.cli.event_server import client_of
from jorge_data.cli.options import checked_location
from jorge_data.errors import SettingsError
from jorge_data.events import parse_moment


def export(
    file: Annotated[Path, typer.Argument(help="NDJSON, CSV or Parquet, by its suffix.")],
    location: Annotated[str, typer.Option(help="The location whose events are written.")],
    types: Annotated[str | None, typer.Option(help="Only these kinds, comma-separated.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Only what happened at this moment or later.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Only what happened before this moment.")] = None,
    token: Annotated[str | None, typer.Option(help="What to read with [JORGE_TOKEN].")] = None,
) -> None:
    """Write a location's events, as the running event server has them, to a file."""
    from jorge_data.files import ExportFilter, export_file
    from jorge_data.progress import progress

    checked_location(location)
    filter_ = ExportFilter(location, types, _moment("--from", start), _moment("--to", end))
    with client_of("manager", location, token) as client:
        written = export_file(client, file, filter_, progress)
    typer.echo(f"{written:,} events in {file}")


def _moment(option: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_moment(text)
    except ValueError as error:
        raise SettingsError(option, text, str(error).removeprefix("allowed: ")) from None
