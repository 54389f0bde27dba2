"""GoHighLevel: its signatures, its webhooks in both forms, its API, and their translation to events."""

from jorge_data.vendors.gohighlevel.names import CUSTOM_FIELDS, PIPELINES, Names
from jorge_data.vendors.gohighlevel.signature import PUBLISHED_KEY, PUBLISHED_RSA_KEY, Signature, read_key, read_rsa_key
from jorge_data.vendors.gohighlevel.vendor import SOURCE, GoHighLevel
from jorge_data.vendors.gohighlevel.workflow import Workflow

__all__ = [
    "CUSTOM_FIELDS",
    "PIPELINES",
    "PUBLISHED_KEY",
    "PUBLISHED_RSA_KEY",
    "SOURCE",
    "GoHighLevel",
    "Names",
    "Signature",
    "Workflow",
    "read_key",
    "read_rsa_key",
]
