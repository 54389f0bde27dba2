"""`rebuild`: folds the rollups again from the first event."""

from typing import Annotated

import typer

from jorge_data.cli.event_server import post
from jorge_data.cli.options import checked_location, settings_with


def rebuild(
    location: Annotated[str | None, typer.Option(help="Only the rollups of this location.")] = None,
) -> None:
    """Have the event server fold its logs anew; until that is done, their history answers 503."""
    from jorge_data.progress import progress

    checked_location(location)
    with progress("Rollups") as show:
        for line in post(settings_with(), "/api/rollups/rebuild", location):
            share = line["folded"] / line["top"] if line["top"] else 1.0
            show(share, f"{line['location']}: {line['folded']:,} of {line['top']:,} events")
