"""Small graph directories, as `acuerdo build` lays them out, from quads that a test writes down."""

import gzip
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

BASE = "https://example.org/kg/"
AC = "https://w3id.org/acuerdo/ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
RDFS_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


def make(kg: Path, lines: Iterable[str], base: str = BASE) -> Path:
    """A graph directory with these N-Quads lines; returns `kg`."""
    data = "".join(sorted({line.strip() + "\n" for line in lines}, key=str.encode)).encode()
    digest = hashlib.sha256(data).hexdigest()[:16]
    build = kg / "builds" / digest
    build.mkdir(parents=True, exist_ok=True)
    (build / "graph.nq.gz").write_bytes(gzip.compress(data, mtime=0))
    (build / "manifest.json").write_text(json.dumps(_manifest(data, digest, base)), "utf-8")
    (kg / "CURRENT").write_text(digest + "\n", encoding="ascii")
    return kg


def _manifest(data: bytes, digest: str, base: str) -> dict[str, object]:
    lines: dict[str, list[bytes]] = {}
    for line in data.splitlines(keepends=True):
        lines.setdefault(line.split()[-2][1:-1].decode(), []).append(line)
    return {
        "acuerdo": "0",
        "digest": digest,
        "base": base,
        "engines": {},
        "inputs": {},
        "options": {},
        "quads": sum(map(len, lines.values())),
        "dump": {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()},
        "articles": {},
        "graphs": {
            graph: {"quads": len(some), "sha256": hashlib.sha256(b"".join(some)).hexdigest()}
            for graph, some in sorted(lines.items())
        },
    }


def dump(kg: Path) -> bytes:
    """The N-Quads of the published build."""
    digest = (kg / "CURRENT").read_text(encoding="ascii").strip()
    return gzip.decompress((kg / "builds" / digest / "graph.nq.gz").read_bytes())


def meetings(articles: int, base: str = BASE) -> list[str]:
    """Articles that each report one meeting of two people, some facts shared with the registry."""
    lines = []
    for n in range(articles):
        article, meeting = f"{base}id/article/{n:03}", f"{base}id/event/meeting-{n:03}"
        graph = f"<{base}graph/article/{n:03}>"
        inferred = f"<{base}graph/inferred/{n:03}>"
        registry = f"<{base}graph/registry>"
        people = [f"{base}id/person/p{n % 7}", f"{base}id/person/p{(n + 1) % 7}"]
        lines += [
            f"<{article}> {RDF_TYPE} <{AC}Article> {graph} .",
            f'<{article}> <{AC}title> "Reunión {n} \U0001f1f2\U0001f1fd en México"@es {graph} .',
            f'<{article}> <{AC}published> "2017-02-{n % 27 + 1:02}"^^<{XSD}date> {graph} .',
            f"<{meeting}> {RDF_TYPE} <{AC}Meeting> {graph} .",
            f"<{meeting}> <{AC}evidencedBy> <{article}/v/0123abcd#char=0,10> {graph} .",
            f'<{meeting}> <{AC}note> "line\\none \\"quoted\\" \\\\ and\\ttab" {graph} .',
            f'<{meeting}> <{AC}count> "{n}"^^<{XSD}integer> {graph} .',
        ]
        for person in people:
            lines += [
                f"<{meeting}> <{AC}hasParticipant> <{person}> {inferred} .",
                f"<{person}> {RDF_TYPE} <{AC}Person> {graph} .",
                f"<{person}> {RDF_TYPE} <{AC}Person> {registry} .",
                f'<{person}> {RDFS_LABEL} "Peña {person[-1]}" {registry} .',
            ]
    return lines


# Literals and IRIs at the edges of the syntaxes, one subject each.
EDGES = [
    f"<{BASE}id/edge/{n}> <{AC}value> {value} <{BASE}graph/article/edge> ."
    for n, value in enumerate(
        [
            '""',
            '" "',
            '"\\r\\n\\ttab"',
            '"\\u0007bell"',
            '"]]> <b>&amp;</b> \'\\"\\\\"',
            '"Peña Nieto ñ \U0001f1f2\U0001f1fd 中文"@es-mx',
            f'"1.10"^^<{XSD}decimal>',
            f'"-7"^^<{XSD}integer>',
            f'"007"^^<{XSD}integer>',
            f'"true"^^<{XSD}boolean>',
            f'"2017-12"^^<{XSD}gYearMonth>',
            f'"2017-12-14T01:02:03.123456-05:00"^^<{XSD}dateTime>',
            '"x"^^<https://example.org/type/1#2>',
            f'"{"x" * 300_000}"',
            "<https://example.org/pe%C3%B1a>",
            "<https://example.org/peña?a=1&b='2'>",
            f"<{AC}Meeting>",
            "<urn:x:y>",
        ]
    )
] + [
    f'<{BASE}id/edge/p> <https://example.org/p/2017a> "digit first" <{BASE}graph/article/edge> .',
    f'<{BASE}id/edge/p> <https://example.org/p/año.2> "not ascii" <{BASE}graph/article/edge> .',
    f'<{BASE}id/edge/p> <https://example.org/p/añ-o> "not ascii" <{BASE}graph/article/edge> .',
    f"<{BASE}id/edge/p> {RDF_TYPE} <urn:x:Class> <{BASE}graph/article/edge> .",
]
