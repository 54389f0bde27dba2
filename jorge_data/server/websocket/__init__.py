"""The live side of the event server: connections, subscriptions, frames."""
