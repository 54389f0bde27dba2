"""`keys`: which secrets sign, by their names, and a new one in place of the oldest."""

import typer

from jorge_data.cli.options import settings_with

keys = typer.Typer(no_args_is_help=True, help="The secrets that sign tokens: two are valid at once.")


@keys.command("list")
def list_keys() -> None:
    """Print the name (`kid`) of each secret that is valid, the one that signs first; never a secret."""
    from jorge_data.server.auth.own_tokens import tokens_of
    from jorge_data.server.auth.signing_secrets import key_id

    for secret in tokens_of(settings_with()).secrets:
        typer.echo(key_id(secret))


@keys.command("rotate")
def rotate_keys() -> None:
    """Have a new secret sign from now on; what the one until now has signed is taken until the next rotation.

    A secret that is kept beside the store is replaced there, and running servers take it up within seconds. Of one that
    is set, the new setting is printed: set it, and start the event server again.
    """
    from jorge_data.server.auth.signing_secrets import FILE, new_setting, rotate

    settings = settings_with()
    given = settings.token_secret.get_secret_value()
    if given:
        typer.echo(f"JORGE_TOKEN_SECRET={new_setting(given)}")
        return
    typer.echo(rotate(settings.store_folder / FILE))
