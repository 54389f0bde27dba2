"""The sources of events beside a publish, as the settings have them; what is not set is off."""

from typing import NamedTuple

from pydantic import SecretStr

from jorge_data.settings import Settings


class SourceSetting(NamedTuple):
    """How another system's events come in: by a webhook at `path`, else because the server polls or listens."""

    name: str
    on: bool
    setting: str
    path: str | None = None


def source_settings(settings: Settings) -> tuple[SourceSetting, ...]:
    """Return every source; GoHighLevel's signed webhooks are always on, because its key is published."""
    synchronized = bool(settings.ghl_token.get_secret_value() and settings.ghl_location)
    return (
        SourceSetting("ghl", True, "JORGE_GHL_PUBLIC_KEY", "/webhooks/ghl"),
        SourceSetting(
            "ghl-workflow", _is_set(settings.workflow_secret), "JORGE_WORKFLOW_SECRET", "/webhooks/ghl/workflow"
        ),
        SourceSetting("ghl-sync", synchronized, "JORGE_GHL_TOKEN and JORGE_GHL_LOCATION"),
        SourceSetting("retell", _is_set(settings.retell_api_key), "JORGE_RETELL_API_KEY", "/webhooks/retell"),
        SourceSetting("redis", _is_set(settings.redis_url), "JORGE_REDIS_URL"),
    )


def _is_set(secret: SecretStr) -> bool:
    return bool(secret.get_secret_value())
