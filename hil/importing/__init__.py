"""Importing: bytes that others recorded, made into a capture of observed evidence."""

from pumpbench.hil.importing.importing import Imported, Source, import_files
from pumpbench.hil.importing.stamped import FORMS, BadExport

__all__ = ["FORMS", "BadExport", "Imported", "Source", "import_files"]
