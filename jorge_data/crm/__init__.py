"""What other systems send: verified as they sign, opened as they wrap, translated to events; nothing here does I/O."""

from jorge_data.crm.vendor import Entity, Envelope, Json, Seen, Translation, Vendor

__all__ = ["Entity", "Envelope", "Json", "Seen", "Translation", "Vendor"]
