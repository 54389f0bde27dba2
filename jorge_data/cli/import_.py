"""`import`: publishes a file's events."""

from pathlib import Path
from typing import Annotated

import typer

from jorge_data.cli.event_server import client_of
from jorge_data.cli.options import checked_location


def import_(
    file: Annotated[Path, typer.Argument(help="NDJSON, CSV or Parquet, by its suffix.")],
    location: Annotated[str | None, typer.Option(help="Into this location; without it, where each event says.")] = None,
    token: Annotated[str | None, typer.Option(help="What to publish with [JORGE_TOKEN].")] = None,
) -> None:
    """Publish a file's events to the running event server; a repeat goes on where it broke off."""
    from jorge_data.files import import_file
    from jorge_data.progress import progress

    with client_of("publisher", checked_location(location), token) as client:
        result = import_file(client, file, location, progress)
    typer.echo(str(result))
    raise typer.Exit(1 if result.refused else 0)
