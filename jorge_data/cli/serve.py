"""`serve`: runs the event server."""

import gc
import os
from typing import Annotated

import typer

from jorge_data.cli.options import settings_with
from jorge_data.logs import configure_logs


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [JORGE_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [JORGE_PORT].")] = None,
    store: Annotated[str | None, typer.Option(help="Where events are kept [JORGE_STORE_URL].")] = None,
    anonymous: Annotated[str | None, typer.Option(help="What needs no token, off or read [JORGE_ANONYMOUS].")] = None,
) -> None:
    """Run the event server."""
    gc.disable()  # nothing of what is loaded here is ever garbage: to look for some takes a sixth of the start
    from jorge_data.server.main import run

    gc.enable()
    settings = settings_with(host=host, port=port, store_url=store, anonymous=anonymous)
    configure_logs(settings.log_level)
    run(settings, child=os.environ.get("JORGE_CHILD") == "1")
