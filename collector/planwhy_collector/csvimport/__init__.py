"""CSV files in, everything or nothing."""

from planwhy_collector.csvimport.importing import import_folder
from planwhy_collector.csvimport.report import BadRow, FileReport, ImportReport

__all__ = ["BadRow", "FileReport", "ImportReport", "import_folder"]
