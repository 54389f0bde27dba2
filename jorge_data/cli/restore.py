"""`restore`: puts a backup in the place of the store."""

from pathlib import Path
from typing import Annotated

import typer

from jorge_data.cli.options import settings_with
from jorge_data.errors import SettingsError


def restore(
    folder: Annotated[Path | None, typer.Argument(help="A folder that `backup` has made.")] = None,
    here: Annotated[
        bool, typer.Option("--here", help="The store was put back by other means, as with an image of the disk.")
    ] = False,
    store: Annotated[str | None, typer.Option(help="The store that is replaced [JORGE_STORE_URL].")] = None,
) -> None:
    """Verify a backup and put it in the place of the store; end the event server first."""
    from jorge_data import store as stores
    from jorge_data.progress import progress

    settings = settings_with(store_url=store)
    if here != (folder is None):
        raise SettingsError("FOLDER", str(folder or ""), "a folder that `backup` has made, or --here without one")
    if folder is None:
        stores.begin_new_epochs(settings.store_file)
        typer.echo("At the next start every location begins a new epoch: those who follow it start anew")
        return
    with progress("Restore") as show:
        notes = stores.restore(folder, settings.store_file, show)
    for note in notes:
        typer.echo(note)
