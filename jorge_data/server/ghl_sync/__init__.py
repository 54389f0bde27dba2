"""Synchronization with GoHighLevel's API: what webhooks missed, found by reading everything again."""

from jorge_data.server.ghl_sync.synchronization import Synchronization, SyncReport

__all__ = ["SyncReport", "Synchronization"]
