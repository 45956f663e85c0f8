"""Why an alarm sounded, and the nearest change of a run that would have kept it silent. Prints nothing."""

from pumpbench.hil.explain.book import Counterfactual, Explained, Sounding
from pumpbench.hil.explain.explain import Explainer
from pumpbench.hil.explain.shown import Shown, shown_in

__all__ = ["Counterfactual", "Explained", "Explainer", "Shown", "Sounding", "shown_in"]
