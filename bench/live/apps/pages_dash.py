"""Plain Dash: seven tiles, and pages of three tiles and three charts."""
import os

import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from pages_content import DAYS, HOME, PAGES

app = Dash(__name__, suppress_callback_exceptions=True)

def tiles(values):
    boxes = [html.Div([html.Div(label), html.H4(value)], className="tile", style={"flex": 1}) for label, value in values]
    return html.Div(boxes, style={"display": "flex"})

def chart(lines):
    return dcc.Graph(figure=go.Figure([go.Scatter(x=DAYS, y=line, mode="lines") for line in lines]), style={"flex": 1})

links = html.Nav([dcc.Link("Home", href="/"), *(dcc.Link(name, href=f"/{name}") for name in PAGES)])
app.layout = html.Div([dcc.Location(id="address"), links, html.Div(tiles(HOME), id="page")])

@app.callback(Output("page", "children"), Input("address", "pathname"), prevent_initial_call=True)
def show(path):
    name = path.strip("/")
    if name not in PAGES:
        return tiles(HOME)
    return [tiles(PAGES[name]["tiles"]), html.Div([chart(lines) for lines in PAGES[name]["charts"]], style={"display": "flex"})]

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), debug=False)
