"""Other systems' webhooks: verified, opened and translated to events. `base.py` says how to add a vendor."""

from jorge_data.vendors.base import (
    HOLDERS,
    NOTHING_NEW,
    OFFICE,
    Envelope,
    Json,
    StoredCopies,
    Translation,
    Vendor,
    VendorEntity,
)

__all__ = [
    "HOLDERS",
    "NOTHING_NEW",
    "OFFICE",
    "Envelope",
    "Json",
    "StoredCopies",
    "Translation",
    "Vendor",
    "VendorEntity",
]
