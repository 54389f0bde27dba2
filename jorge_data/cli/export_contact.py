"""`export-contact`: writes all that is known of one person to a file."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from jorge_data.cli.event_server import get
from jorge_data.cli.options import checked_location, settings_with


def export_contact(
    contact: Annotated[str, typer.Argument(help="The contact's id, as in its events.")],
    file: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    location: Annotated[
        str | None, typer.Option(help="The office whose contact it is [the token's, or default].")
    ] = None,
    token: Annotated[str | None, typer.Option(help="A manager's token [JORGE_TOKEN].")] = None,
) -> None:
    """Write events, deliveries, copies, deals and acts about one contact to one JSON file, for its owner alone."""
    checked_location(location)
    content = get(settings_with(token=token), f"/api/contacts/{quote(contact, safe='')}/export", location)
    partial = file.with_name(f"{file.name}.partial")
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(file)
    typer.echo(f"all that is known of {contact} is in {file}")
