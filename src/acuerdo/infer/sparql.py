"""The same rules as SPARQL updates in Oxigraph: the oracle of the chaining, and its fallback.

Each rule runs as `INSERT {head} WHERE {body FILTER NOT EXISTS {head}}` until nothing grows. All facts
stand in the default graph of a scratch store, so a large registry is copied for each article: about
ten times the cost of `infer_article`, which is why that is the one that `build` runs.
"""

from collections.abc import Iterable

import pyoxigraph as ox

from acuerdo.errors import LimitReached
from acuerdo.infer.rules import TYPE, Atom, Rule, Token

ROUNDS = 20


def update(rule: Rule) -> str:
    """One rule as a SPARQL update."""
    head = _pattern(rule.head)
    body = " ".join(_pattern(atom) for atom in rule.body)
    return f"INSERT {{ {head} }} WHERE {{ {body} FILTER NOT EXISTS {{ {head} }} }}"


def close(store: ox.Store, rules: Iterable[Rule], rounds: int = ROUNDS) -> int:
    """Adds to the default graph all that follows and returns the rounds it took.

    Raises LimitReached when the rules still grow after `rounds`; ours need 4 to 6.
    """
    updates = [update(rule) for rule in rules]
    for number in range(1, rounds + 1):
        before = len(store)
        for text in updates:
            store.update(text)
        if len(store) == before:
            return number
    raise LimitReached(f"the rules still grow after {rounds} rounds")


def _pattern(atom: Atom) -> str:
    if atom.object is None:
        return f"{_term(atom.subject)} {TYPE.decode()} {atom.predicate.decode()} ."
    return f"{_term(atom.subject)} {atom.predicate.decode()} {_term(atom.object)} ."


def _term(end: int | Token) -> str:
    return f"?v{end}" if isinstance(end, int) else end.decode()
