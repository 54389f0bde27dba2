"""`move`: everything that is stored goes from one engine to the other, and readers resume there."""

from typing import Annotated

import typer

from jorge_data.cli.options import settings_with


def move(
    to: Annotated[str, typer.Option("--to", help="An empty database, or a file that is not there yet.")],
    from_: Annotated[str | None, typer.Option("--from", help="The store that is moved [JORGE_STORE_URL].")] = None,
) -> None:
    """Move the store and its archive to another database or file, and verify all of it; end the event server first.

    The old one stays as it is. A move that was broken off goes on when it is begun again.
    """
    from jorge_data.progress import progress
    from jorge_data.server.auth.signing_secrets import FILE, KEYS_FILE
    from jorge_data.store import move_store

    old, new = settings_with(store_url=from_), settings_with(store_url=to)
    with progress("Move") as show:
        logs = move_store(old.store_url, new.store_url, show)
    for log in logs:
        typer.echo(f"{log.location}: {log.events:,} events, SHA-256 {log.sha256}")
    typer.echo("Set JORGE_STORE_URL to the new store; readers go on where they were. Start no server on the old one")
    beside = [name for name in (FILE, KEYS_FILE) if (old.store_folder / name).exists()]
    if beside and old.store_folder.resolve() != new.store_folder.resolve():
        typer.echo(f"Tokens stay valid when {' and '.join(beside)} of {old.store_folder} go to {new.store_folder}")
