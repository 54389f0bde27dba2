"""`sync`: has all of a CRM read again."""

from typing import Annotated, Any

import typer

from jorge_data.cli.event_server import post
from jorge_data.cli.options import settings_with
from jorge_data.errors import SettingsError, SourceFailed


def sync(source: Annotated[str, typer.Argument(help="What to synchronize with: ghl.")]) -> None:
    """Have the event server read all of GoHighLevel again, and publish what webhooks missed."""
    from jorge_data.progress import progress

    if source != "ghl":
        raise SettingsError("sync", source, "ghl")
    settings = settings_with()
    changed = 0
    with progress("GoHighLevel") as show:
        for line in post(settings, "/api/sync/ghl", settings.ghl_location or None):
            if line.get("error"):
                raise SourceFailed("the synchronization", line["error"])
            changed = line.get("changed", changed)
            show(_share(line), f"{line.get('listing', 'beginning')}: {line.get('done', 0)}, {changed} differ")
    typer.echo(f"{changed} records differed and are told as events")


def _share(line: dict[str, Any]) -> float:
    """Return the share of a synchronization that is done, 0–1: each of the two listings is half of it."""
    if line["ended"]:
        return 1.0
    done = min(1.0, line["done"] / line["total"]) if line.get("total") else 0.0
    return {"opportunities": 0.5 * done, "contacts": 0.5 + 0.5 * done}.get(line.get("listing", ""), 0.0)
