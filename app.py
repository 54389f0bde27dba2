"""The dashboard: `streamlit run app.py`. Its pages are listed in `jorge_data/dashboard/ui/navigation.py`."""

import streamlit as st
from starlette.middleware import Middleware

from jorge_data.dashboard import early_wall, http_routes, lifespan
from jorge_data.dashboard.http_middleware import OwnPagesAlone, SecurityHeaders, UnderPath
from jorge_data.dashboard.login import routes as login_routes
from jorge_data.dashboard.login.gate import Gate
from jorge_data.dashboard.login.paths import LOGIN_PAGES
from jorge_data.settings import settings

path, address = lifespan.set_options_or_exit(), settings().public_address

app = st.App(
    "jorge_data/dashboard/streamlit_script.py",
    routes=[*login_routes.routes(settings()), *http_routes.routes(), *early_wall.routes()],
    middleware=[
        Middleware(SecurityHeaders, more=address.headers if address else {}),
        Middleware(UnderPath, path=path),
        Middleware(
            OwnPagesAlone,
            path=path,
            others=LOGIN_PAGES if settings().login else frozenset(),
            early=early_wall.early_wall,
        ),
        Middleware(Gate),
    ],
    exception_handlers={Exception: http_routes.failed},
    lifespan=lifespan.lifespan,
)
