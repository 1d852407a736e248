"""The shapes graph: read from Turtle, refused when it cannot be trusted, asked for its words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from acuerdo import assets
from acuerdo.errors import BadSource
from acuerdo.vocabulary import OWL, RDF, SH

OWL_IMPORTS = OWL + "imports"
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

# What a shape asks of another shape: the edges of the recursion check and of the walk to a target.
_NESTING = [
    SH + name for name in ("property", "node", "not", "qualifiedValueShape", "and", "or", "xone")
]
Imports = Literal["refuse", "ignore"]
TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
_QUERIES = ("select", "ask", "construct")
_NO_WORDS = re.compile(r"<[^<>\s]*>|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#[^\n]*")
_LEAVES = re.compile(r"\b(?:SERVICE|FROM)\b", re.IGNORECASE)
_UNBINDS = re.compile(r"\b(?:MINUS|VALUES)\b|\bAS\s+[$?]this\b", re.IGNORECASE)
_SUBQUERY = re.compile(r"\{\s*SELECT\b(.*?)\{", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(r"\{[$?](\w+)\}")


def article_shapes(*additions: Path) -> list[Path]:
    """The shipped shapes that hold inside the graph of one article, and those of a user's own modules."""
    added = (path for folder in additions for path in sorted((folder / "shapes").glob("*.ttl")))
    return [*sorted(assets.path("shapes").glob("*.ttl")), *added]


def graph_shapes() -> list[Path]:
    """The shipped shapes that hold over all asserted graphs of a build taken together."""
    return sorted(assets.path("shapes").glob("graph/*.ttl"))


def source_shapes() -> list[Path]:
    """The shipped shapes for the ontology, the vocabularies and the registry themselves."""
    return sorted(assets.path("shapes").glob("sources/*.ttl"))


def turtle_files(paths: Iterable[Path]) -> list[Path]:
    """The files, and the Turtle files of the folders, in stable order; raises BadSource for none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.ttl"))
        elif path.is_file():
            found.append(path)
        else:
            raise BadSource(path, "no such shapes file or folder")
    return found


def parse(path: Path, base: str | None = None) -> list[ox.Triple]:
    """The triples of a Turtle or N-Triples file; raises BadSource with line and column."""
    syntax = ox.RdfFormat.N_TRIPLES if path.suffix == ".nt" else ox.RdfFormat.TURTLE
    try:
        quads = list(
            ox.parse(
                path.read_bytes().removeprefix(b"\xef\xbb\xbf"),
                format=syntax,
                base_iri=base or path.resolve().as_uri(),
                rename_blank_nodes=True,
            )
        )
    except SyntaxError as error:
        raise BadSource(path, error.msg, error.lineno, error.offset) from error
    except OSError as error:
        raise BadSource(path, error.strerror or str(error)) from error
    return [quad.triple for quad in quads]


class ShapesGraph:
    """Shapes of several files as one graph.

    Raises BadSource for what does not parse, an empty graph, shapes that ask for themselves, and
    `owl:imports` of what the files do not hold: nothing is fetched, and shapes that are missing in silence
    would let everything pass. `imports="ignore"` takes that risk.
    """

    def __init__(self, paths: Sequence[Path], imports: Imports = "refuse") -> None:
        self.files = turtle_files(paths)
        self.triples: list[ox.Triple] = []
        self.file_of: dict[object, Path] = {}
        self._about: dict[object, dict[str, list[Term]]] = {}
        for path in self.files:
            for triple in parse(path):
                self.triples.append(triple)
                said = self._about.setdefault(triple.subject, {})
                said.setdefault(triple.predicate.value, []).append(triple.object)
                self.file_of.setdefault(triple.subject, path)
        if not self.shapes():
            where = self.files[0] if len(self.files) == 1 else ", ".join(map(str, paths))
            raise BadSource(where, "no shape in it: every graph would conform; name a shapes file")
        if imports == "refuse":
            self._refuse_imports()
        self._refuse_recursion()
        self._refuse_queries()
        self._within: dict[object, set[object]] = defaultdict(set)
        for outer in self._about:
            for inner in self.nested(outer):
                self._within[inner].add(outer)

    @property
    def ntriples(self) -> str:
        """The whole graph as text for an engine."""
        return "".join(f"{triple} .\n" for triple in self.triples)

    def objects(self, subject: object, name: str) -> list[Term]:
        """The objects of a property: the full IRI, or the local name of one in `sh:`."""
        return self._about.get(subject, {}).get(name if ":" in name else SH + name, [])

    def about(self, subject: object) -> list[tuple[str, list[Term]]]:
        """All that is said of a subject: predicate IRIs with their objects."""
        return list(self._about.get(subject, {}).items())

    def subjects(self) -> Iterator[object]:
        """Everything that the shapes graph says something about."""
        return iter(self._about)

    def shapes(self) -> list[object]:
        """Every subject that is a shape: typed so, or with a target, or with a path."""
        kinds = {ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape")}
        return [
            subject
            for subject in self._about
            if kinds & set(self.objects(subject, RDF + "type"))
            or any(self.objects(subject, name) for name in (*TARGETS, "path"))
        ]

    def list_items(self, head: object) -> list[Term]:
        """The members of an RDF list; a list that runs in a circle ends where it began."""
        items: list[Term] = []
        seen: set[object] = set()
        while head not in seen and self.objects(head, RDF + "first"):
            seen.add(head)
            items.append(self.objects(head, RDF + "first")[0])
            rest = self.objects(head, RDF + "rest")
            head = rest[0] if rest else None
        return items

    def nested(self, shape: object) -> Iterator[Term]:
        """The shapes that a shape asks for directly."""
        for name in _NESTING:
            for value in self.objects(shape, name):
                yield from self.list_items(value) or [value]

    def messages(self, shape: str, component: str) -> dict[str, list[str]]:
        """The `sh:message` templates by language: those of a SPARQL constraint come before the shape's."""
        node = ox.NamedNode(shape)
        own = self.objects(node, "sparql") if component == SH + "SPARQLConstraintComponent" else []
        templates: dict[str, list[str]] = {}
        for source in (*own, node):
            for term in self.objects(source, "message"):
                if isinstance(term, ox.Literal):
                    templates.setdefault(term.language or "", []).append(term.value)
        return templates

    def targets(self, shape: str) -> frozenset[str]:
        """The classes whose instances the shape is asked of, by itself or through a shape around it."""
        return self._targets(shape, "targetClass")

    def subject_targets(self, shape: str) -> frozenset[str]:
        """The properties whose subjects the shape is asked of, by itself or through a shape around it."""
        return self._targets(shape, "targetSubjectsOf")

    def _targets(self, shape: str, kind: str) -> frozenset[str]:
        found: set[str] = set()
        around: list[object] = [ox.NamedNode(shape)]
        for node in around:
            named = self.objects(node, kind)
            found |= {term.value for term in named if isinstance(term, ox.NamedNode)}
            around += [outer for outer in self._within.get(node, ()) if outer not in around]
        return frozenset(found)

    def around(self, shape: object) -> set[object]:
        """The shapes that ask for a shape directly."""
        return self._within.get(shape, set())

    def line(self, subject: object) -> int | None:
        """The line where an IRI first opens a statement of its file, as well as text can tell."""
        path = self.file_of.get(subject)
        if path is None or not isinstance(subject, ox.NamedNode):
            return None
        local = re.split(r"[/#]", subject.value)[-1]
        written = re.compile(
            rf"^\s*(?:<[^>]*{re.escape(local)}>|[\w-]*:{re.escape(local)})(?![\w-])"
        )
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if written.match(text):
                return number
        return None

    def _refuse_imports(self) -> None:
        for subject, about in self._about.items():
            for target in about.get(OWL_IMPORTS, ()):
                if target not in self._about:
                    path = self.file_of[subject]
                    reason = (
                        f"owl:imports {target} is not fetched; give that file as an argument too"
                    )
                    raise BadSource(path, reason, _line_with(path, "imports"))

    def _refuse_recursion(self) -> None:
        done: set[object] = set()
        for start in self.shapes():
            circle = self._circle(start, done)
            if circle:
                named: list[object] = [n for n in circle if isinstance(n, ox.NamedNode)]
                named = named or [start]
                shown = " → ".join(str(n) for n in [*named, named[0]])
                path = self.file_of[named[0]]
                raise BadSource(path, f"a shape asks for itself: {shown}", self.line(named[0]))

    def _refuse_queries(self) -> None:
        """Queries that would leave the graph, or that the standard forbids where `$this` is set for them."""
        constraints = {t.object for t in self.triples if t.predicate.value == SH + "sparql"}
        for subject, about in self._about.items():
            for text in (t for name in _QUERIES for t in about.get(SH + name, ())):
                words = _NO_WORDS.sub(" ", text.value if isinstance(text, ox.Literal) else "")
                forbidden = _LEAVES.search(words)
                if forbidden is None and subject in constraints:
                    forbidden = _UNBINDS.search(words) or _hides_this(words)
                if forbidden is not None:
                    path = self.file_of[subject]
                    word = " ".join(forbidden[0].split())
                    reason = f"a query of a shape must not have {word}"
                    raise BadSource(path, reason, _line_with(path, forbidden[0].split()[0]))

    def _circle(self, start: object, done: set[object]) -> list[object]:
        """A circle of shapes that can be reached from `start`; without recursion of our own."""
        way: list[object] = [start]
        branches = [self.nested(start)]
        while branches:
            inner = next(branches[-1], None)
            if inner is None:
                branches.pop()
                done.add(way.pop())
            elif inner in way:
                return way[way.index(inner) :]
            elif inner not in done:
                way.append(inner)
                branches.append(self.nested(inner))
        return []


def _hides_this(words: str) -> re.Match[str] | None:
    """A query inside the query that does not hand `$this` on."""
    for inner in _SUBQUERY.finditer(words):
        if not re.search(r"[$?]this\b|\*", inner[1]):
            return re.search(r"SELECT\b[^{]*", inner[0], re.IGNORECASE)
    return None


def _line_with(path: Path, words: str) -> int | None:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if words in text and not text.lstrip().startswith("#"):
            return number
    return None


def filled(templates: Sequence[str], values: dict[str, str], given: Sequence[str]) -> str:
    """The message that one of the templates makes with its variables filled in.

    Engines fill the templates but lose their language: of the texts they gave, the one that fits a
    template is taken; without one, the variables that every result has are put into the first.
    """
    for template in templates:
        pieces = _VARIABLE.split(template)
        pattern = "".join(re.escape(p) if i % 2 == 0 else "(?s:.*?)" for i, p in enumerate(pieces))
        for text in given:
            if len(pieces) > 1 and text != template and re.fullmatch(pattern, text):
                return text
            if text == template:
                return text
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), templates[0])
