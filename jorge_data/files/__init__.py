"""Import events from files and export them: NDJSON, CSV and Parquet, a page at a time, resumed after a break."""

from jorge_data.files.export import ExportFilter, export_file
from jorge_data.files.importing import ImportResult, import_file
from jorge_data.files.line import FileRefused

__all__ = ["ExportFilter", "FileRefused", "ImportResult", "export_file", "import_file"]
