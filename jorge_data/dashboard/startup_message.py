"""The message that is printed when the dashboard has started."""

from jorge_data.settings import Settings

EVENT = (
    '{"source":"my-shell","type":"bot_status_update",'
    '"data":{"bot_type":"jorge-seller","status":"active","current_step":"hello"}}'
)


TOKEN_COMMAND = ".venv/bin/python -m jorge_data token --role publisher --ttl 12h"
"""What makes a token to try with: printed in its stead where others may read what is printed."""


def curl(api_url: str, token: str, event: str = EVENT) -> str:
    """Return a line that publishes one event when pasted into a shell."""
    headers = f"-H \"Authorization: Bearer {token}\" -H 'Content-Type: application/json'"
    return f"curl -X POST {api_url}/events {headers} -d '{event}'"


def startup_message(settings: Settings, local: str, token: str) -> str:
    """Return the addresses, on this machine `local`, and how to publish the first event: with a token to print it."""
    lines = ["", f"  Command Center   {settings.public_url or local}"]
    if settings.public_url:
        lines.append(f"                   {local} on this machine")
    lines.append(f"  Event server     {settings.events_url}   (its API: {settings.api_url}/docs)")
    if token:
        lines.append(f"  Publish token    {token}")
    made = [] if token else [f"  TOKEN=$({TOKEN_COMMAND})"]
    return "\n".join(
        [*lines, "", "  Publish an event:", *made, f"  {curl(settings.events_url, token or '$TOKEN')}", "", ""]
    )
