"""`backup`: copies the store and its archive into a folder, while the server runs."""

from pathlib import Path
from typing import Annotated

import typer

from jorge_data.cli.options import settings_with


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is empty or does not exist yet.")],
    store: Annotated[str | None, typer.Option(help="The store that is copied [JORGE_STORE_URL].")] = None,
) -> None:
    """Copy the store and its archive as of one moment, and verify the copy; the server may run."""
    from jorge_data.progress import progress
    from jorge_data.store import back_up

    settings = settings_with(store_url=store)
    with progress("Backup") as show:
        manifest = back_up(settings.store_file, folder, show)
    events = sum(log["top"] - log["oldest"] + 1 for log in manifest["logs"])
    typer.echo(f"{folder}: {events:,} events of {len(manifest['logs'])} locations, {len(manifest['files'])} files")
