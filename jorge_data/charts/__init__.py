"""Charts: frames to plotly figures, by one template.

A frame's column `drill`, where it has one, goes to each mark as its customdata: what a click on the mark opens.
"""

from jorge_data.charts.annotations import Annotation, annotate, is_within, time_zone, zoomable
from jorge_data.charts.arrivals import Half, arrivals
from jorge_data.charts.bars import bars, ranking
from jorge_data.charts.enlarged import enlarged
from jorge_data.charts.lines import lines
from jorge_data.charts.marks import DRILL, TENTHS, Axis, every_bin, headline, template, write_values
from jorge_data.charts.matrix import matrix
from jorge_data.charts.pair import pair
from jorge_data.charts.palette import DARK, LIGHT, Palette, shades
from jorge_data.charts.reliability import reliability
from jorge_data.charts.sankey import sankey
from jorge_data.charts.spread import spread
from jorge_data.charts.strip import strip
from jorge_data.charts.survival import survival

__all__ = [
    "DARK",
    "DRILL",
    "LIGHT",
    "TENTHS",
    "Annotation",
    "Axis",
    "Half",
    "Palette",
    "annotate",
    "arrivals",
    "bars",
    "enlarged",
    "every_bin",
    "headline",
    "is_within",
    "lines",
    "matrix",
    "pair",
    "ranking",
    "reliability",
    "sankey",
    "shades",
    "spread",
    "strip",
    "survival",
    "template",
    "time_zone",
    "write_values",
    "zoomable",
]
