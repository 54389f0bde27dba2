"""What a bot imports to publish its events."""

from jorge_data.bots.client import Client, Receipt
from jorge_data.bots.publisher import Publisher, Refused

__all__ = ["Client", "Publisher", "Receipt", "Refused"]
