"""`token`: prints a token, signed with the server's secret."""

import re
from typing import Annotated

import typer

from jorge_data.cli.options import checked_location, settings_with
from jorge_data.errors import SettingsError
from jorge_data.permissions import ROLES

_TTL = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "publisher",
    location: Annotated[str | None, typer.Option(help="Bind the token to one location.")] = None,
    ttl: Annotated[str, typer.Option(help="How long it is valid: 90s, 15m, 12h, 30d.")] = "30d",
    subject: Annotated[str, typer.Option(help="Whose token it is.")] = "command-line",
) -> None:
    """Print a token, alone, on standard output."""
    from jorge_data.server.auth.own_tokens import tokens_of
    from jorge_data.server.auth.tokens import check_role

    checked = check_role(role), subject, _seconds(ttl), checked_location(location)
    typer.echo(tokens_of(settings_with()).issue(*checked))


def _seconds(text: str) -> float:
    match = _TTL.fullmatch(text)
    if not match or not int(match[1]):
        raise SettingsError("--ttl", text, "a whole number and a unit: 90s, 15m, 12h, 30d")
    return int(match[1]) * _UNITS[match[2]]
