"""Vendors' webhooks: taken in on disk first, translated to events afterwards."""
