"""Whether the dashboard may start: without a login it serves this machine alone, and a login has all that it needs."""

from jorge_data.errors import SettingsError
from jorge_data.forwarding import is_loopback
from jorge_data.settings import Settings


def check_login(settings: Settings, address: str | None) -> None:
    """Raise SettingsError where the dashboard, listening on this address (None: on all), lets in whom it must not."""
    if not settings.login:
        if settings.public_url:
            reached = f"the dashboard is reached at {settings.public_url} (JORGE_PUBLIC_URL)"
        elif not is_loopback(address or ""):
            reached = f"the dashboard listens on {address or 'every address'} (STREAMLIT_SERVER_ADDRESS)"
        else:
            return
        raise SettingsError("JORGE_LOGIN", "", f"users, oidc or proxy, for {reached} and others come in")
    needed = {
        "oidc": ("oidc_metadata_url", "oidc_client_id"),
        "proxy": ("proxy_header", "trusted_proxies"),
    }
    for name in needed.get(settings.login, ()):
        if not getattr(settings, name):
            about = type(settings).model_fields[name].description
            raise SettingsError(f"JORGE_{name.upper()}", "", f"with JORGE_LOGIN={settings.login}: {about}")
