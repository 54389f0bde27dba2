import pandas as pd
import pytest

from jorge_data import charts


@pytest.mark.parametrize("times", [1, 2])
def test_a_chart_grows_with_the_screen(times: int) -> None:
    figure = charts.sankey(pd.DataFrame({"from": ["a"], "to": ["b"], "value": [1]}), charts.LIGHT)
    shown = charts.enlarged(figure, 1920 * times, 1080 * times)
    root = 1080 * times * 0.0167
    assert shown.data[0].textfont.size == pytest.approx(12 * root / 14)
    assert shown.layout.template.layout.font.size == pytest.approx(13 * root / 14)
    assert 0.5 < shown.layout.height / (1080 * times) < 0.6
    assert figure.data[0].textfont.size == 12
