"""Annotated news about cross-border security cooperation as an RDF graph with its sentences."""

__version__ = "0.1.0"
