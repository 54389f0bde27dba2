"""The vendors whose webhooks this server receives, by its settings; what is not set is off."""

from pathlib import Path

from jorge_data.errors import SettingsError
from jorge_data.settings import Settings
from jorge_data.vendors import Vendor
from jorge_data.vendors.gohighlevel import (
    PUBLISHED_KEY,
    PUBLISHED_RSA_KEY,
    GoHighLevel,
    Signature,
    Workflow,
    read_key,
    read_rsa_key,
)
from jorge_data.vendors.retell import Retell

SYNC = "ghl-sync"
"""The name under which the synchronization files deliveries from GoHighLevel's API."""

MIN_SECRET = 16
"""Characters of a workflow's secret: it is all that keeps strangers from that route."""

Vendors = dict[str, Vendor]


def vendors_of(settings: Settings) -> Vendors:
    """Return every vendor by its name; raise SettingsError where a key is not valid."""
    vendors: list[Vendor] = [
        GoHighLevel("ghl", signature_of(settings), frozenset(filter(None, settings.ghl_locations.split(",")))),
        GoHighLevel(SYNC, None),
        Workflow(_secret_of(settings)),
        Retell(settings.retell_api_key.get_secret_value()),
    ]
    return {vendor.name: vendor for vendor in vendors}


def _secret_of(settings: Settings) -> str:
    secret = settings.workflow_secret.get_secret_value()
    if secret and len(secret) < MIN_SECRET:
        allowed = f"{MIN_SECRET} characters or more of chance, as `openssl rand -hex 32` gives"
        raise SettingsError("JORGE_WORKFLOW_SECRET", f"<{len(secret)} characters>", allowed)
    return secret


def signature_of(settings: Settings) -> Signature:
    """Return what verifies GoHighLevel's deliveries: by the key that is set, else by the published one."""
    value = settings.ghl_public_key
    legacy = read_rsa_key(PUBLISHED_RSA_KEY) if settings.ghl_legacy_rsa else None
    try:
        return Signature(read_key(_pem(value) if value else PUBLISHED_KEY), legacy)
    except (OSError, ValueError) as error:
        allowed = f"an Ed25519 public key as PEM text, or the path of a file that holds one ({error})"
        raise SettingsError("JORGE_GHL_PUBLIC_KEY", value, allowed) from None


def _pem(value: str) -> str:
    """Return PEM text, from a file where a path is given; in one line, `\\n` stands for a line's end."""
    return value.replace("\\n", "\n") if value.lstrip().startswith("-----BEGIN") else Path(value).read_text()
