"""The dashboard: `streamlit run app.py`. The page list is in `jorge_data/live/contents.py`, each page in `pages/`."""

import streamlit as st
from starlette.routing import Route, WebSocketRoute

from jorge_data.live import answers, lifespan, route

lifespan.read_settings_or_exit()

app = st.App(
    "jorge_data/live/script.py",
    routes=[
        WebSocketRoute("/api/live", route.live),
        Route("/api/dashboard/metrics", answers.metrics),
        Route("/health", answers.health),
    ],
    lifespan=lifespan.lifespan,
)
