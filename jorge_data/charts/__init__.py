"""Charts: frames to plotly figures, in one look."""

from jorge_data.charts.arrivals import arrivals
from jorge_data.charts.palette import DARK, LIGHT, Palette
from jorge_data.charts.template import headline, template

__all__ = ["DARK", "LIGHT", "Palette", "arrivals", "headline", "template"]
