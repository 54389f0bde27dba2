"""GoHighLevel's webhooks, as documented and as they come."""
