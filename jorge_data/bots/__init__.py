"""What a bot imports to publish its events."""

from jorge_data.bots.publisher import Client, Receipt

__all__ = ["Client", "Receipt"]
