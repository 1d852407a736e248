"""What a user's own Turtle may add, and the one line that says what is wrong with it.

A domain module adds terms; what ours mean is not for it to say. Its terms have a label, nothing is fetched
for it, and its property chains come to an end.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from acuerdo.errors import BadSource
from acuerdo.iri import AC, FIXED
from acuerdo.vocabulary.names import OWL, RDF, RDFS, SKOS, local_name
from acuerdo.vocabulary.terms import Class
from acuerdo.vocabulary.turtle import parse, turtle_files

Files = Mapping[Path, Sequence[ox.Quad]]

# What a user's module may say of our terms: the labels that annotators use.
_ADDABLE = frozenset({AC + "tag", AC + "tagInverse"})
_TERMS = frozenset(OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty"))
# What `LIMIT` says inside the questions, which tells an engine that kinds are few.
KINDS_AT_MOST = 500
_LABELS = frozenset({RDFS + "label", SKOS + "prefLabel"})


def read(known: Sequence[ox.Quad], folders: Sequence[Path]) -> dict[Path, list[ox.Quad]]:
    """The triples of each file of the folders, checked beside what is known; raises BadSource."""
    ours = {str(quad.subject)[1:-1] for quad in known if str(quad.subject).startswith(f"<{FIXED}")}
    files: dict[Path, list[ox.Quad]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BadSource(folder, "there is no such folder of Turtle files")
        for path in turtle_files(folder):
            files[path] = parse(path)
            _refuse_changes(path, files[path], ours)
    _refuse_imports(files)
    _refuse_endless(known, files)
    return files


def _refuse_changes(path: Path, quads: Iterable[ox.Quad], ours: set[str]) -> None:
    for quad in quads:
        predicate = quad.predicate.value
        subject = str(quad.subject)[1:-1]
        if subject in ours and predicate not in _ADDABLE:
            name = local_name(subject)
            raise BadSource(
                path,
                f"says {local_name(predicate)} of {name}, which acuerdo defines; give the term a name of "
                f"your own and make it a subclass or subproperty of {name}",
                line_of(path, name),
            )


def _refuse_imports(files: Files) -> None:
    """An import that is at hand is fine; anything else would have to be fetched."""
    here = {
        str(quad.subject)[1:-1]
        for quads in files.values()
        for quad in quads
        if quad.predicate.value == RDF + "type" and str(quad.object) == f"<{OWL}Ontology>"
    }
    for path, quads in files.items():
        for quad in quads:
            wanted = str(quad.object)[1:-1]
            if quad.predicate.value != OWL + "imports" or wanted.startswith(FIXED):
                continue
            if wanted not in here:
                raise BadSource(
                    path,
                    f"owl:imports <{wanted}> is not fetched; put that ontology into the folder as a file",
                    _first_line(path, "imports"),
                )


def refuse_nameless(files: Files) -> None:
    """A term that the module defines needs words; one that it only declares, as for an alignment, does not."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    terms: dict[str, Path] = {}
    for path, quads in files.items():
        for quad in quads:
            if not isinstance(quad.subject, ox.NamedNode):
                continue
            subject, predicate = quad.subject.value, quad.predicate.value
            said[subject].add(predicate)
            if predicate == RDF + "type" and str(quad.object)[1:-1] in _TERMS:
                terms.setdefault(subject, path)
    for term, path in terms.items():
        if term.startswith(FIXED) or said[term] <= {RDF + "type"} or said[term] & _LABELS:
            continue
        name = local_name(term)
        raise BadSource(
            path,
            f'{name} has no label; write rdfs:label "…"@en , "…"@es',
            line_of(path, name),
        )


def refuse_crowded(files: Files, classes: Mapping[str, Class]) -> None:
    """Questions read so many kinds of events and no more; a limit that cut would drop rows in silence."""
    kinds = [iri for iri, cls in classes.items() if AC + "Event" in cls.ancestors]
    if len(kinds) < KINDS_AT_MOST:
        return
    for path in files:
        for iri in kinds:
            if (line := line_of(path, local_name(iri))) is not None:
                raise BadSource(
                    path,
                    f"with it there are {len(kinds)} kinds of events; questions read fewer than {KINDS_AT_MOST}; "
                    "make finer kinds concepts (ac:kind)",
                    line,
                )


# -- chains ---------------------------------------------------------------------------------------


def _refuse_endless(known: Iterable[ox.Quad], files: Files) -> None:
    """Chains whose properties feed on each other: OWL 2 DL calls such a hierarchy not regular."""
    below: defaultdict[str, set[str]] = defaultdict(set)
    strict: list[tuple[str, str]] = []
    for quads in (list(known), *files.values()):
        for lower, upper, chained in _order(quads):
            below[upper].add(lower)
            if chained:
                strict.append((lower, upper))
    for lower, upper in strict:
        if lower == upper or upper in _reached(below, lower):
            name = local_name(upper)
            path = next((p for p, quads in files.items() if _is_said(upper, quads)), None)
            if path is not None:
                raise BadSource(
                    path,
                    f"the chain of {name} leads back to {name} through {local_name(lower)}; "
                    "only the first or the last link of a chain may be the property itself",
                    line_of(path, name),
                )


def _order(quads: Sequence[ox.Quad]) -> Iterator[tuple[str, str, bool]]:
    """(property, the property it must not depend on, whether by a chain)."""
    rest = {str(q.subject): str(q.object) for q in quads if q.predicate.value == RDF + "rest"}
    first = {str(q.subject): str(q.object) for q in quads if q.predicate.value == RDF + "first"}
    for quad in quads:
        prop, predicate = str(quad.subject)[1:-1], quad.predicate.value
        if predicate == RDFS + "subPropertyOf":
            yield prop, str(quad.object)[1:-1], False
        elif predicate == OWL + "inverseOf" and isinstance(quad.subject, ox.NamedNode):
            yield prop, str(quad.object)[1:-1], False
            yield str(quad.object)[1:-1], prop, False
        elif predicate == OWL + "propertyChainAxiom":
            links, node = list[str](), str(quad.object)
            while node in first:
                links.append(first.pop(node)[1:-1])
                node = rest.get(node, "")
            if links == [prop, prop]:
                continue
            if links[:1] == [prop]:
                links = links[1:]
            elif links[-1:] == [prop]:
                links = links[:-1]
            yield from ((link, prop, True) for link in links)


def _reached(below: Mapping[str, set[str]], start: str) -> set[str]:
    seen, todo = set[str](), [start]
    while todo:
        new = below.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return seen


def _is_said(term: str, quads: Iterable[ox.Quad]) -> bool:
    return any(
        quad.predicate.value == OWL + "propertyChainAxiom" and str(quad.subject) == f"<{term}>"
        for quad in quads
    )


# -- places ---------------------------------------------------------------------------------------


def line_of(path: Path, name: str) -> int | None:
    """The first line on which a term stands as a subject."""
    start = re.compile(rf"^(?:\S*[:/#])?{re.escape(name)}>?\s")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if start.match(line.lstrip("<")):
            return number
    return None


def place_of_label(label: str, files: Files) -> tuple[Path | str, int | None]:
    """The file and line of a module on which a label is given."""
    for path in files:
        for quote in ('"', "'"):
            line = _first_line(path, f"{quote}{label}{quote}")
            if line is not None:
                return path, line
    return "ontology", None


def _first_line(path: Path, words: str) -> int | None:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, start=1) if words in line), None)
