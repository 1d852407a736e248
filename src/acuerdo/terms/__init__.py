"""The ontology looked at as a whole: quality gates, a reasoner that must agree, and its reference pages."""
