"""Whether the dashboard may start: without a login it serves this machine alone, and a login has all that it needs."""

from jorge_data.dashboard.login.cookie import is_encrypted
from jorge_data.errors import SettingsError
from jorge_data.forwarding import is_loopback
from jorge_data.settings import Settings


def check_login(settings: Settings, address: str | None, certificate: str | None = None) -> None:
    """Raise SettingsError where the dashboard, listening on this address (None: on all), lets in whom it must not.

    `certificate` is the file that Streamlit serves https with. Where browsers reach it by http, passwords and sessions
    would go over the network in the open.
    """
    reached = _reached(settings, address)
    if not settings.login:
        if reached:
            raise SettingsError("JORGE_LOGIN", "", f"users, oidc or proxy, for {reached} and others come in")
        return
    needed = {
        "oidc": ("oidc_metadata_url", "oidc_client_id"),
        "proxy": ("proxy_header", "trusted_proxies"),
    }
    for name in needed.get(settings.login, ()):
        if not getattr(settings, name):
            about = type(settings).model_fields[name].description
            raise SettingsError(f"JORGE_{name.upper()}", "", f"with JORGE_LOGIN={settings.login}: {about}")
    public = settings.public_address
    is_of_others = not is_loopback(address or "") or (public is not None and not is_loopback(public.origin.host))
    if is_of_others and not is_encrypted(settings, certificate) and not settings.unencrypted:
        raise SettingsError(
            "JORGE_PUBLIC_URL",
            settings.public_url,
            "the https:// address of a proxy with TLS before the dashboard; or set STREAMLIT_SERVER_SSL_CERT_FILE and"
            " STREAMLIT_SERVER_SSL_KEY_FILE, or JORGE_UNENCRYPTED=1 where nobody else is on the way:"
            f" {reached}, and people send their passwords there",
        )


def _reached(settings: Settings, address: str | None) -> str | None:
    """Return in words how others reach the dashboard; None where nobody beyond this machine does."""
    if settings.public_url:
        return f"the dashboard is reached at {settings.public_url} (JORGE_PUBLIC_URL)"
    if not is_loopback(address or ""):
        return f"the dashboard listens on {address or 'every address'} (STREAMLIT_SERVER_ADDRESS)"
    return None
