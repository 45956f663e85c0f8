"""Why an alarm sounded, and the nearest change of a run that would have kept it silent. Prints nothing."""

from pumpbench.hil.explain.book import Counterfactual, Explained, Sounding
from pumpbench.hil.explain.explain import Explainer

__all__ = ["Counterfactual", "Explained", "Explainer", "Sounding"]
