"""Import events from files and export them, a page at a time, resumed after a break.

Exports are NDJSON, CSV and Parquet; imports also what Excel, pandas and polars make of them, and a CRM's own exports.
"""

from jorge_data.files.export import ExportFilter, export_file
from jorge_data.files.forms import Office
from jorge_data.files.importing import ImportResult, import_file
from jorge_data.files.line import FileRefused

__all__ = ["ExportFilter", "FileRefused", "ImportResult", "Office", "export_file", "import_file"]
