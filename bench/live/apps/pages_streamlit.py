"""Plain Streamlit, idiomatic: seven tiles, and pages of three tiles and three charts."""
from functools import partial

import plotly.graph_objects as go
import streamlit as st
from pages_content import DAYS, HOME, PAGES

st.set_page_config(layout="wide")

def tiles(values):
    for column, (label, value) in zip(st.columns(len(values)), values):
        column.metric(label, value)

def home():
    tiles(HOME)

def page(name):
    tiles(PAGES[name]["tiles"])
    for n, (column, lines) in enumerate(zip(st.columns(3), PAGES[name]["charts"])):
        figure = go.Figure([go.Scatter(x=DAYS, y=line, mode="lines") for line in lines])
        column.plotly_chart(figure, key=f"{name}{n}")

pages = [st.Page(home, title="Home", default=True)]
pages += [st.Page(partial(page, name), title=name, url_path=name) for name in PAGES]
st.navigation(pages).run()
