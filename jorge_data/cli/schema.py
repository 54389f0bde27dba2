"""`schema`: prints the event contract."""

import orjson
import typer


def schema() -> None:
    """Print the event contract as JSON Schema."""
    from jorge_data.events.schema import json_schema

    typer.echo(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode())
