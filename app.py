"""The dashboard: `streamlit run app.py`. Its pages are listed in `jorge_data/dashboard/ui/navigation.py`."""

import streamlit as st
from starlette.routing import Route, WebSocketRoute

from jorge_data.dashboard import http_routes, lifespan, websocket

lifespan.read_settings_or_exit()

app = st.App(
    "jorge_data/dashboard/streamlit_script.py",
    routes=[
        WebSocketRoute("/api/live", websocket.live),
        Route("/api/dashboard/metrics", http_routes.metrics),
        Route("/health", http_routes.health),
    ],
    lifespan=lifespan.lifespan,
)
