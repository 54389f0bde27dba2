"""From one location's feed to every open tab: state, view channels, queues, websocket."""
