"""`rebuild`: folds the rollups again from the first event."""

from typing import Annotated

import typer

from jorge_data.cli.event_server import post
from jorge_data.cli.options import checked_location, settings_with


def rebuild(
    location: Annotated[str | None, typer.Option(help="Only the rollups of this location.")] = None,
) -> None:
    """Have the event server fold its logs anew; until that is done, their history answers 503.

    Ends with 1 where files of the archive could not be read, and says which: the history lacks what they hold.
    """
    from jorge_data.progress import progress

    checked_location(location)
    left_out: dict[str, list[str]] = {}
    with progress("Rollups") as show:
        for line in post(settings_with(), "/api/rollups/rebuild", location):
            share = line["folded"] / line["top"] if line["top"] else 1.0
            show(share, f"{line['location']}: {line['folded']:,} of {line['top']:,} events")
            left_out[line["location"]] = line["left_out"]
    for name in sorted(name for names in left_out.values() for name in names):
        typer.echo(f"left out: {name} of the archive cannot be read; the history lacks what it holds", err=True)
    if any(left_out.values()):
        typer.echo("put the files back from a backup: the history then counts them by itself", err=True)
        raise typer.Exit(1)
