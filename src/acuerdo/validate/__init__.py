"""SHACL: whether what an article says is fit to be asked about, and if not, which words are to blame.

`Validator` compiles a shapes graph once and checks RDF against it; `Context` adds the few facts about
shared things that a shape must see; `sift` keeps what is valid of one article and sets the rest apart.
"""

from acuerdo.validate.context import Context
from acuerdo.validate.finding import Finding, Report, Severity, fault
from acuerdo.validate.rdf import with_reasons
from acuerdo.validate.shapes import ShapesGraph, article_shapes
from acuerdo.validate.sift import Sifted, inspect, sift
from acuerdo.validate.validator import Validator
from acuerdo.validate.words import pointed

__all__ = [
    "Context",
    "Finding",
    "Report",
    "Severity",
    "ShapesGraph",
    "Sifted",
    "Validator",
    "article_shapes",
    "fault",
    "inspect",
    "pointed",
    "sift",
    "with_reasons",
]
