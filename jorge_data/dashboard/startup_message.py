"""The message that is printed when the dashboard has started."""

from jorge_data.settings import Settings

EVENT = (
    '{"source":"my-shell","type":"bot_status_update",'
    '"data":{"bot_type":"jorge-seller","status":"active","current_step":"hello"}}'
)


def curl(api_url: str, token: str, event: str = EVENT) -> str:
    """Return a line that publishes one event when pasted into a shell."""
    headers = f"-H \"Authorization: Bearer {token}\" -H 'Content-Type: application/json'"
    return f"curl -X POST {api_url}/events {headers} -d '{event}'"


def startup_message(settings: Settings, port: int, token: str) -> str:
    """Return the addresses, and a token and a line to publish the first event with."""
    lines = [
        "",
        f"  Command Center   http://localhost:{port}",
        f"  Event server     {settings.api_url}   (its API: {settings.api_url}/docs)",
    ]
    if token:
        lines += [f"  Publish token    {token}", "", "  Publish an event:", f"  {curl(settings.api_url, token)}"]
    return "\n".join([*lines, "", ""])
