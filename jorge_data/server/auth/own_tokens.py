"""What signs and verifies the tokens of the server that settings describe: for itself, and for commands beside it.

A command needs nothing else of the server: what is imported here is all that it waits for before it asks.
"""

from jorge_data.errors import StoreError
from jorge_data.forwarding import is_loopback
from jorge_data.server.auth.signing_secrets import find_secrets
from jorge_data.server.auth.tokens import Tokens
from jorge_data.settings import Settings

REMEDY = "let this user write there, or set JORGE_STORE_URL to a file elsewhere"


def tokens_of(settings: Settings) -> Tokens:
    """Return what signs and verifies this server's tokens; raise SettingsError where the secret is weak.

    Raise StoreError where one must be made and the store's folder cannot be written.
    """
    folder = settings.store_folder
    try:
        return Tokens(find_secrets(settings.token_secret.get_secret_value(), is_loopback(settings.host), folder))
    except OSError as error:
        raise StoreError(f"{folder} cannot be used as the store's folder: {error.strerror}: {REMEDY}") from None
