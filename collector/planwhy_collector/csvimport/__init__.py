"""CSV files in, everything or nothing."""

from planwhy_collector.csvimport.importing import import_folder
from planwhy_collector.csvimport.report import BadRow, FileReport, HistoryReport, ImportReport

__all__ = ["BadRow", "FileReport", "HistoryReport", "ImportReport", "import_folder"]
