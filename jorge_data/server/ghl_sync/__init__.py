"""Synchronization with GoHighLevel's API: what webhooks missed, found by reading everything again."""
