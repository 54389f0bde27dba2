"""Socket.IO on the server's own port: the same log, followed by the same subscriptions as a websocket's."""
