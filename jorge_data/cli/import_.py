"""`import`: publishes a file's events."""

from pathlib import Path
from typing import Annotated

import typer

from jorge_data.cli.event_server import client_of
from jorge_data.cli.options import checked_location, settings_with


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="Events as CSV, .xlsx, JSON or Parquet, or GoHighLevel's export of contacts or opportunities."
        ),
    ],
    location: Annotated[
        str | None,
        typer.Option(help="Into this location; without it, where each event says, or the synchronized GoHighLevel's."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Of the times in GoHighLevel's export that have none [JORGE_ZONE].")
    ] = None,
    token: Annotated[str | None, typer.Option(help="What to publish with [JORGE_TOKEN].")] = None,
) -> None:
    """Publish a file's events to the running event server; a repeat goes on where it broke off.

    What the file is, is read off its content, and said.
    """
    from jorge_data.files import Office, import_file
    from jorge_data.progress import progress

    settings = settings_with(zone=zone)
    office = Office(settings.ghl_location or None, settings.timezone)
    with client_of("publisher", checked_location(location), token) as client:
        result = import_file(client, file, location, progress, office)
    typer.echo(str(result))
    raise typer.Exit(1 if result.refused else 0)
