"""What other systems send: verified as they sign, opened as they wrap, translated to events; nothing here does I/O."""

from jorge_data.vendors.base import Envelope, Json, Seen, Translation, Vendor, VendorEntity

__all__ = ["Envelope", "Json", "Seen", "Translation", "Vendor", "VendorEntity"]
