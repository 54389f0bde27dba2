import tomllib
from pathlib import Path

import plotly.graph_objects as go
import pytest

from jorge_data.charts import DARK, LIGHT, Palette, headline, template

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("mode", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_charts_and_pages_share_one_palette(mode: str, colours: Palette) -> None:
    theme = CONFIG["theme"][mode]
    assert (theme["primaryColor"], theme["textColor"]) == (colours.accent, colours.text)
    assert (theme["orangeColor"], theme["yellowColor"], theme["blueColor"]) == (colours.hot, colours.warm, colours.cold)
    assert (theme["greenColor"], theme["redColor"], theme["grayColor"]) == (colours.ok, colours.bad, colours.mute)


def test_a_figure_takes_the_template() -> None:
    figure = go.Figure(go.Bar(x=[1], y=[2])).update_layout(template=template(DARK))
    assert figure.layout.template.layout.paper_bgcolor == DARK.ground


def test_text_of_events_in_a_title_is_text() -> None:
    assert "<img" not in headline("<img src=x>", "<b>what</b>", LIGHT)["text"]
