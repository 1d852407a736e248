"""Queries that are meant to harm: nested beyond the stack, growing, never ending, looking outward."""

DEPTHS = (1_000, 10_000, 100_000)


def _nested(depth: int) -> dict[str, str]:
    p = "<http://example.org/p1>"
    return {
        "parentheses": "SELECT * { FILTER" + "(" * depth + "1" + ")" * depth + " }",
        "groups": "SELECT * " + "{" * depth + "}" * depth,
        "negations": "SELECT * { FILTER(" + "!" * depth + "true) }",
        "unions": "SELECT * { {} " + "UNION {}" * depth + " }",
        "sums": "SELECT * { FILTER(1" + "+1" * depth + " > 0) }",
        "paths": f"SELECT * {{ ?s {'(' * depth}{p}{')*' * depth} ?o }}",
        "sequences": f"SELECT * {{ ?s {p}{f'/{p}' * (depth // 10)} ?o }}",
        "sub-selects": "SELECT * {" + "{ SELECT * {" * (depth // 10) + "}}" * (depth // 10) + "}",
        "patterns": "SELECT * { " + "?s ?p ?o ." * depth + " }",
    }


NESTED = {f"{name} {depth}": q for depth in DEPTHS for name, q in _nested(depth).items()}

RESOURCES = {
    "join": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?g) }",
    "path over all pairs": "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>)* ?b . ?c (!<x:z>)* ?d . ?e (!<x:w>)* ?f }",
    "aggregate": "SELECT ?a (COUNT(DISTINCT ?f) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a",
    "group_concat": "SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    "order by": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?a",
    "distinct": "SELECT DISTINCT ?a ?b ?c ?d ?f { ?a ?b ?c . ?d ?e ?f }",
    "regex": 'SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(?c,?f), "(a+)+$")) }',
    "string growth": "SELECT * { BIND('0123456789' AS ?v0) "
    + " ".join(f"BIND(CONCAT(?v{i},?v{i}) AS ?v{i + 1})" for i in range(30))
    + " }",
    "planning": "SELECT * { ?s "
    + "/".join(f"<http://example.org/p{i % 10}>" for i in range(1000))
    + " ?o }",
    "replace": "SELECT * { BIND('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' AS ?v0) "
    + " ".join(f"BIND(REPLACE(?v{i},'a','aaaaaaaaaa') AS ?v{i + 1})" for i in range(12))
    + " }",
    "optional": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }",
    "minus": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f MINUS { ?a ?e ?x . ?d ?b ?y } }",
    "exists": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER NOT EXISTS { ?a ?e ?f } }",
    "values": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"VALUES ?v{i} {{ {' '.join(map(str, range(100)))} }}" for i in range(6))
    + " }",
    "construct": "CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }",
}

# Classes of work for which the time limit must hold, of `RESOURCES`.
TIMED = (
    "join",
    "path over all pairs",
    "aggregate",
    "order by",
    "distinct",
    "regex",
    "string growth",
    "planning",
)


def outward(endpoint: str) -> dict[str, str]:
    """Attempts to make the server call an address."""
    inner = "{ ?s ?p ?o }"
    return {
        "literal": f"SELECT * {{ SERVICE <{endpoint}> {inner} }}",
        "variable": f"SELECT * {{ BIND(<{endpoint}> AS ?x) SERVICE ?x {inner} }}",
        "silent": f"SELECT * {{ SERVICE SILENT <{endpoint}> {inner} }}",
        "nested": f"SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE <{endpoint}> {inner} }} }} }} }}",
        "exists": f"ASK {{ ?a ?b ?c FILTER NOT EXISTS {{ SERVICE <{endpoint}> {inner} }} }}",
        "prefixed": f"PREFIX e: <{endpoint}> SELECT * {{ SERVICE e: {inner} }}",
        "case": f"SELECT * {{ sErViCe<{endpoint}>{inner} }}",
        "comment": f"SELECT * {{ SERVICE # not this\n <{endpoint}> {inner} }}",
        "base": f"BASE <{endpoint}> SELECT * {{ SERVICE <> {inner} }}",
        "misread": f"PREFIX e: <{endpoint}> SELECT * {{ ?b ?c ?d FILTER(1<?b||1=1)SERVICEe:#>\n{inner} }}",
        "from": f"SELECT * FROM <{endpoint}> {{ ?s ?p ?o }}",
        "from named": f"SELECT * FROM NAMED <{endpoint}> {{ GRAPH <{endpoint}> {inner} }}",
        "load": f"LOAD <{endpoint}>",
        "describe": f"DESCRIBE <{endpoint}>",
    }
