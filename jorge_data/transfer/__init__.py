"""Bring events in from files, and out to files: NDJSON, CSV and Parquet, a page at a time, resumed after a break."""

from jorge_data.transfer.exporting import Chosen, export_file
from jorge_data.transfer.importing import Outcome, import_file
from jorge_data.transfer.line import FileRefused

__all__ = ["Chosen", "FileRefused", "Outcome", "export_file", "import_file"]
