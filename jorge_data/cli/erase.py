"""`erase`: takes what is personal of one contact out of everything that is stored."""

from typing import Annotated
from urllib.parse import quote

import typer

from jorge_data.cli.event_server import post
from jorge_data.cli.options import checked_location, settings_with
from jorge_data.errors import StoreError


def erase(
    contact: Annotated[str, typer.Argument(help="The contact's id, as in its events.")],
    location: Annotated[
        str | None, typer.Option(help="The office whose contact it is [the token's, or default].")
    ] = None,
    token: Annotated[str | None, typer.Option(help="An admin's token [JORGE_TOKEN].")] = None,
) -> None:
    """Have the event server erase a contact: names, numbers, addresses and words go, figures stay.

    It cannot be undone. Killed midway, the server goes on at its next start. Erase the contact in the CRM as well.
    """
    from jorge_data.progress import progress

    checked_location(location)
    last = {}
    with progress("Erasing") as show:
        for last in post(settings_with(token=token), f"/api/contacts/{quote(contact, safe='')}/erase", location):
            show(1.0 if last["done"] else 0.5, last["step"])
    if not last.get("done"):
        raise StoreError(f"the erasure waits, and is tried again by itself: {last.get('failure') or 'no answer'}")
    rewritten = ", ".join(f"{count:,} {place}" for place, count in last["rewritten"].items() if count)
    typer.echo(f"{contact} is erased: {rewritten or 'nothing personal was left'}")
