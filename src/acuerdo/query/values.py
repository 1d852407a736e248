"""Values on their way into a query and out of it: typed parameters as serialised terms, terms as plain Python."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from acuerdo.errors import BadQuery
from acuerdo.query.question import Parameter

XSD = "http://www.w3.org/2001/XMLSchema#"
VOCABULARY = "https://w3id.org/acuerdo/"

Plain = str | int | float | bool | Decimal | dt.date | dt.datetime
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
# A name or the tail of an IRI, as the things of a store that it may mean.
Resolver = Callable[[Parameter, str], list[str]]

_INTEGERS = (
    "integer int long short byte nonNegativeInteger positiveInteger nonPositiveInteger "
    "negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte"
).split()
_UNSAFE = re.compile('\\\\[uU]|[\\\\"\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]')
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SCHEMED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f-\x9f\ud800-\udfff]+")


def serialised(term: ox.NamedNode | ox.Literal) -> str:
    r"""A term as SPARQL text that stays one term whatever it holds, in whatever engine.

    Engines expand `\uXXXX` before they parse, in a string, or (rdflib) with up to eight digits: so every
    escape has eight, and no backslash stands before a plain `u`.

    >>> serialised(ox.Literal('say "\\u0022"'))
    '"say \\"\\\\\\U000000750022\\""'
    """
    if isinstance(term, ox.NamedNode):
        return str(term)
    text = '"' + _UNSAFE.sub(_escape, term.value) + '"'
    if term.language:
        return f"{text}@{term.language}"
    kind = term.datatype.value
    return text if kind == XSD + "string" else f"{text}^^<{kind}>"


def _escape(found: re.Match[str]) -> str:
    met = found[0]
    if met[0] == "\\" and len(met) == 2:
        return f"\\\\\\U{ord(met[1]):08X}"
    return _SHORT.get(met) or f"\\U{ord(met):08X}"


def terms(parameter: Parameter, value: object, resolve: Resolver) -> list[str]:
    """The serialised terms for one parameter; a list of values means any of them.

    Raises BadQuery for a value that is not of the parameter's type.
    """
    given = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    return [term for one in given for term in _one(parameter, one, resolve)]


def _one(parameter: Parameter, value: object, resolve: Resolver) -> list[str]:
    if parameter.type.startswith("xsd:"):
        return [serialised(literal(parameter, value))]
    text = str(value)
    if _SCHEMED.fullmatch(text):
        return [serialised(_iri(parameter, text))]
    if parameter.type.startswith("concept "):
        scheme = parameter.type.removeprefix("concept ").strip()
        if re.fullmatch(r"[a-z0-9-]+", text):
            return [f"<{VOCABULARY}{scheme}/{text}>"]
        raise wrong(parameter, text, f"a notation of the scheme {scheme}")
    if parameter.type == "IRI":
        raise wrong(parameter, text, "an absolute IRI")
    return [serialised(_iri(parameter, iri)) for iri in resolve(parameter, text)]


def _iri(parameter: Parameter, text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise wrong(parameter, text, "an absolute IRI") from error


def literal(parameter: Parameter, value: object) -> ox.Literal:
    """The literal for a value of one of XML Schema's types; raises BadQuery for one that is not of it."""
    kind = parameter.type.removeprefix("xsd:")
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    check, wanted = _CHECKS.get(kind, (None, ""))
    if check is None:
        raise BadQuery(f"{parameter.name}: no parameter can be of type {parameter.type}")
    try:
        canonical = check(text if not isinstance(value, bool) else text.lower())
        return ox.Literal(canonical, datatype=ox.NamedNode(XSD + kind))
    except (ValueError, InvalidOperation) as error:
        raise wrong(parameter, text, wanted) from error


def wrong(parameter: Parameter, text: str, wanted: str) -> BadQuery:
    """The error for a value of the wrong type, with the value in one line."""
    shown = ascii(text) if not text.isprintable() else f"'{text}'"
    return BadQuery(f"{parameter.option}: {shown[:80]} is not {wanted}")


def _date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text).isoformat()


def _boolean(text: str) -> str:
    if text not in {"true", "false"}:
        raise ValueError(text)
    return text


def _decimal(text: str) -> str:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII):
        raise ValueError(text)
    return str(text)


def _integer(text: str) -> str:
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        raise ValueError(text)
    return str(int(text))


def _any_uri(text: str) -> str:
    if not _SCHEMED.fullmatch(text):
        raise ValueError(text)
    return text


def _string(text: str) -> str:
    return text


_CHECKS: dict[str, tuple[Callable[[str], str], str]] = {
    "date": (_date, "a day; write 2017-02-07"),
    "boolean": (_boolean, "true or false"),
    "integer": (_integer, "a whole number"),
    "decimal": (_decimal, "a number; write 0.75"),
    "anyURI": (_any_uri, "an absolute IRI"),
    "string": (_string, "text that Unicode can write"),
}


def plain(term: Term | None) -> Plain | None:
    """A term as a plain Python value: dates, numbers and booleans as such, all else as text."""
    if not isinstance(term, ox.Literal):
        return (
            None if term is None else term.value if not isinstance(term, ox.Triple) else str(term)
        )
    read = _READ.get(term.datatype.value)
    if read is None:
        return term.value
    try:
        return read(term.value)
    except (ValueError, InvalidOperation):
        return term.value  # an ill-typed literal, or a year that Python has no date for


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _day(text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


_READ: dict[str, Callable[[str], Plain]] = {
    **dict.fromkeys((XSD + name for name in _INTEGERS), int),
    XSD + "date": _day,
    XSD + "dateTime": _instant,
    XSD + "boolean": lambda text: {"true": True, "1": True, "false": False, "0": False}[text],
    XSD + "decimal": Decimal,
    XSD + "double": float,
    XSD + "float": float,
}


def variants(name: str, languages: Iterable[str]) -> list[str]:
    """A name as the literals that may hold it: without language and in each of the languages."""
    return [serialised(ox.Literal(name))] + [
        serialised(ox.Literal(name, language=language)) for language in languages
    ]
