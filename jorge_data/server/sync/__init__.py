"""Synchronization with GoHighLevel's API: what webhooks missed, found by reading everything again."""

from jorge_data.server.sync.synchronization import Report, Synchronization

__all__ = ["Report", "Synchronization"]
