"""The dose account of a capture: what was asked, what became of it, where a dose came twice or went missing."""

from pumpbench.hil.ledger.book import Bolus, Finding, Ledger, Limit, Place, Readings
from pumpbench.hil.ledger.ledger import ledger_of

__all__ = ["Bolus", "Finding", "Ledger", "Limit", "Place", "Readings", "ledger_of"]
