"""`retranslate`: translates webhook deliveries again that failed or were ignored."""

from typing import Annotated

import typer

from jorge_data.cli.event_server import post
from jorge_data.cli.options import checked_location, settings_with


def retranslate(
    location: Annotated[str | None, typer.Option(help="Only deliveries of this location.")] = None,
) -> None:
    """Have the event server translate again the webhook deliveries that failed or were ignored, the newest 20,000."""
    (response,) = post(settings_with(), "/api/deliveries/retranslate", checked_location(location))
    typer.echo(f"{response['reopened']} deliveries are translated again")
