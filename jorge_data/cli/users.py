"""`users`: who may come in, in which role at which office; asked of the running event server, as `rebuild` is."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from jorge_data.cli.event_server import ask
from jorge_data.cli.options import checked_location, settings_with
from jorge_data.errors import SettingsError
from jorge_data.permissions import Person
from jorge_data.settings import Settings

LINK = "/login/invitation"
"""Where the dashboard takes an invitation, behind a `#`: no browser sends that to anybody."""

users = typer.Typer(no_args_is_help=True, help="Who may come in, in which role at which office.")

Name = Annotated[str, typer.Argument(help="By which they log in.")]
Location = Annotated[str | None, typer.Option(help="At this office; without it at every one.")]
AgentId = Annotated[str | None, typer.Option(help="The CRM's id of an agent, whose contacts he sees.")]
Role = Annotated[Person, typer.Option(help="viewer, agent, manager or admin.")]


@users.command("add")
def add_user(
    name: Name,
    role: Role,
    location: Location = None,
    agent_id: AgentId = None,
    display_name: Annotated[str | None, typer.Option(help="As it is shown; else the name.")] = None,
    login: Annotated[str | None, typer.Option(help="password, or other: by a provider or a proxy.")] = None,
) -> None:
    """Add a user, and print the link by which he chooses his password: for one use, within a day."""
    settings = settings_with()
    if login not in (None, "password", "other"):
        raise SettingsError("--login", login, "password, other")
    asked = login or ("other" if settings.login in ("oidc", "proxy") else "password")
    grant = {"location": checked_location(location), "role": role, "agent_id": agent_id}
    user = {"name": name, "display_name": display_name, "login": asked, **grant}
    _print_link(settings, ask(settings, "POST", "/api/users", user))


@users.command("list")
def list_users() -> None:
    """Print every user, a line each: name, what he may where, and what keeps him out."""
    for user in ask(settings_with(), "GET", "/api/users")["users"]:
        typer.echo(f"{user['name']}\t{user['display_name']}\t{_granted(user['grants'])}\t{_state(user)}")


@users.command("role")
def set_role(
    name: Name,
    role: Annotated[str, typer.Argument(help="viewer, agent, manager, admin; or none, to take it away.")],
    location: Location = None,
    agent_id: AgentId = None,
) -> None:
    """Give a user a role at an office, in place of the one that he has there; his sessions end."""
    from jorge_data.server.users.names import read_name

    settings, location = settings_with(), checked_location(location)
    added = {user["name"]: user for user in ask(settings, "GET", "/api/users")["users"]}
    found = added.get(read_name(name))
    kept = [grant for grant in (found or {"grants": []})["grants"] if grant["location"] != location]
    given = [] if role == "none" else [{"location": location, "role": role, "agent_id": agent_id}]
    answer = ask(settings, "PUT", f"/api/users/{quote(name)}/grants", {"grants": [*kept, *given]})
    typer.echo(f"{answer['name']}\t{_granted(answer['grants'])}")


@users.command("disable")
def disable_user(name: Name) -> None:
    """Let a user in no more, from now on; his sessions and the tokens that he made for people end."""
    _print_state(ask(settings_with(), "POST", f"/api/users/{quote(name)}/disable"))


@users.command("enable")
def enable_user(name: Name) -> None:
    """Let a user who was disabled log in again."""
    _print_state(ask(settings_with(), "POST", f"/api/users/{quote(name)}/enable"))


@users.command("reset")
def reset_user(name: Name) -> None:
    """Forget a user's password, or his account of a login provider, and end his sessions; print the link by which he
    chooses another password."""
    settings = settings_with()
    _print_link(settings, ask(settings, "POST", f"/api/users/{quote(name)}/reset"))


def _print_link(settings: Settings, invited: dict[str, Any]) -> None:
    if invited["invitation"] is None:
        typer.echo(f"{invited['name']} may log in")
        return
    dashboard = settings.public_url or f"http://localhost:{settings.dashboard_port}"
    typer.echo(f"{dashboard}{LINK}#{invited['invitation']}")


def _print_state(user: dict[str, Any]) -> None:
    typer.echo(f"{user['name']}\t{_state(user)}")


def _granted(grants: list[dict[str, Any]]) -> str:
    shown = (
        f"{grant['role']} at {grant['location'] or 'every office'}"
        f"{f' as {each}' if (each := grant['agent_id']) else ''}"
        for grant in grants
    )
    return ", ".join(shown) or "nothing"


def _state(user: dict[str, Any]) -> str:
    if user["disabled_at"] is not None:
        return "disabled"
    if user["login"] == "password" and not user["has_password"]:
        return "has chosen no password yet"
    return "may log in"
