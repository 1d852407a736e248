"""What the ontology, its vocabularies and its registry promise, beyond the quality gates."""

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from acuerdo import assets, vocabulary
from acuerdo.iri import AC, FIXED
from acuerdo.terms import sources

ROOT = Path(__file__).parents[1]
ONTOLOGY = assets.path("ontology")
FILES = sources.files([ONTOLOGY])
BASE = "https://example.org/kg/"
RDFS_LABEL = ox.NamedNode(vocabulary.RDFS + "label")
WORD = re.compile(r"(?<![\w:/-])ac:([A-Za-z][A-Za-z0-9]*)")
PREFIX = re.compile(
    r"^\s*(?:@prefix|PREFIX)\s+([a-z-]*):\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE
)


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return sources.store(sources.quads([ONTOLOGY]))


@pytest.fixture(scope="module")
def declared(store: ox.Store) -> set[str]:
    quads = store.quads_for_pattern(None, ox.NamedNode(vocabulary.RDFS + "isDefinedBy"), None)
    return {str(quad.subject.value).removeprefix(AC) for quad in quads}  # type: ignore[union-attr]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ONTOLOGY)))
def test_each_file_has_the_same_triples_in_rdflib(path: Path) -> None:
    ours = vocabulary.parse(path, BASE)
    assert len(set(ours)) == len(rdflib.Graph().parse(path, format="turtle", publicID=BASE))


@pytest.mark.parametrize(
    "path", sorted((ONTOLOGY / "registry").glob("*.ttl")), ids=lambda p: p.stem
)
def test_registry_entries_take_their_base_from_the_build(path: Path) -> None:
    subjects = {q.subject.value for q in vocabulary.parse(path, BASE)}  # type: ignore[union-attr]
    assert subjects
    assert all(subject.startswith(BASE + "id/") for subject in subjects)


def test_registry_things_refer_only_to_registry_things() -> None:
    quads = [q for p in (ONTOLOGY / "registry").glob("*.ttl") for q in vocabulary.parse(p, BASE)]
    known = {quad.subject for quad in quads}
    used = {q.object for q in quads if str(getattr(q.object, "value", "")).startswith(BASE)}
    assert used - known == set()


def test_registry_values_are_concepts_of_the_vocabularies() -> None:
    concepts = vocabulary.load(ONTOLOGY).concepts
    quads = [q for p in (ONTOLOGY / "registry").glob("*.ttl") for q in vocabulary.parse(p, BASE)]
    used = {str(q.object.value) for q in quads if isinstance(q.object, ox.NamedNode)}
    terms = {iri for iri in used if iri.startswith(FIXED) and not iri.startswith(AC)}
    assert terms - set(concepts) == set()


def test_no_surname_alone_is_a_name_of_a_person() -> None:
    lines = (ONTOLOGY / "registry" / "people.ttl").read_text(encoding="utf-8")
    names = [
        n for line in lines.splitlines() if "Label" in line for n in re.findall(r'"([^"]+)"', line)
    ]
    # An abbreviation (AMLO, EPN) is no surname.
    assert [name for name in names if " " not in name and not name.isupper()] == []


def registry_names(iri: str) -> set[str]:
    quads = [q for p in (ONTOLOGY / "registry").glob("*.ttl") for q in vocabulary.parse(p, BASE)]
    labels = {vocabulary.SKOS + "prefLabel", vocabulary.SKOS + "altLabel"}
    return {
        q.object.value
        for q in quads
        if q.subject == ox.NamedNode(BASE + iri)
        and q.predicate.value in labels
        and isinstance(q.object, ox.Literal)
    }


@pytest.mark.parametrize(
    ("iri", "names"),
    [
        ("id/person/miguel-angel-osorio-chong", {"Miguel Osorio", "Miguel Ángel Osorio Chong"}),
        (
            "id/post/mexico-secretary-of-foreign-affairs",
            {"Foreign Minister", "Secretary of Foreign Affairs", "Chancellor", "canciller"},
        ),
        (
            "id/post/mexico-secretary-of-government",
            {"Interior Minister", "secretario de Gobernación"},
        ),
        ("id/agency/secretariat-of-government", {"Secretaría de Gobernación", "Segob"}),
        ("id/body/high-level-security-group", {"Ganseg", "Grupo de Alto Nivel de Seguridad"}),
        ("id/person/vidal-soberon", {"Vidal Soberon", "Vidal Soberón"}),
    ],
)
def test_one_entry_carries_all_names_in_both_languages(iri: str, names: set[str]) -> None:
    assert names <= registry_names(iri)


def test_wikidata_items_are_those_of_the_named_tables(shared: Path) -> None:
    tables = "".join(
        (shared / "wikidata" / f"{name}.csv").read_text(encoding="utf-8")
        for name in ("people", "positions", "agencies", "territories")
    )
    known = set(re.findall(r"^(Q\d+),", tables, re.MULTILINE))
    quads = [q for p in (ONTOLOGY / "registry").glob("*.ttl") for q in vocabulary.parse(p, BASE)]
    items = {
        str(q.object.value).rsplit("/", 1)[-1]  # type: ignore[union-attr]
        for q in quads
        if q.predicate.value == AC + "wikidata"
    }
    assert len(items) > 40
    assert items - known == set()


def test_every_scheme_is_used_by_a_property_or_a_class(store: ox.Store) -> None:
    schemes = {
        q.subject
        for q in store.quads_for_pattern(
            None, None, ox.NamedNode(vocabulary.SKOS + "ConceptScheme")
        )
    }
    used = {
        q.object
        for name in ("usesScheme", "kindScheme")
        for q in store.quads_for_pattern(None, ox.NamedNode(AC + name), None)
    }
    assert schemes == used


def files_with_names(*more: str) -> list[Path]:
    folders = ["ontology", "shapes", "queries", "src", "docs", "examples", *more]
    suffixes = {".ttl", ".trig", ".rq", ".py", ".md", ".json", ".jsonl", ".toml"}
    return [
        p
        for folder in folders
        for p in sorted((ROOT / folder).rglob("*"))
        if p.suffix in suffixes and "__pycache__" not in p.parts
    ]


def test_every_name_used_anywhere_is_declared(declared: set[str]) -> None:
    # Tests are left out: some name what must not exist.
    unknown = {
        (name, str(path.relative_to(ROOT)))
        for path in files_with_names()
        for line in path.read_text(encoding="utf-8").splitlines()
        for name in WORD.findall(line)
        if name not in declared
    }
    assert unknown == set()


def test_every_declared_term_is_used_beyond_its_declaration(declared: set[str]) -> None:
    used: Counter[str] = Counter()
    for path in files_with_names("tests"):
        text = path.read_text(encoding="utf-8")
        if path.name == "acuerdo.ttl":
            text = re.sub(r"^ac:\w+ a ", "", text, flags=re.MULTILINE)
        # Python and annotated articles name terms without a prefix; the generated term list names all.
        words = re.findall(r"\w+", text) if path.suffix in {".py", ".json"} else WORD.findall(text)
        if path.name not in {"terms.md", "alignments.ttl", Path(__file__).name}:
            used.update(words)
    assert {name for name in declared if not used[name]} == set()


def test_prefixes_agree_in_all_files() -> None:
    expected = vocabulary.PREFIXES
    wrong = {
        (str(path.relative_to(ROOT)), prefix, iri)
        for path in files_with_names()
        if path.suffix in {".ttl", ".trig", ".rq"}
        for prefix, iri in PREFIX.findall(path.read_text(encoding="utf-8"))
        if prefix in expected and expected[prefix] != iri
    }
    assert wrong == set()
