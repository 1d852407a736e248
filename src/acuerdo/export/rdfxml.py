"""RDF/XML, a Description a subject, as the triples come.

XML 1.0 cannot hold every character of an RDF literal: the control characters and U+FFFE, U+FFFF become
U+FFFD, and a property whose IRI has no XML name at its end cannot be written at all. Both are counted.
"""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from acuerdo.export.nquads import literal, terms, unescaped
from acuerdo.export.prefixes import PREFIXES, curie

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The longest tail of the IRI that is an XML name; letters beyond Latin are left to the namespace.
_LETTER = r"A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff"
_NAME = re.compile(rf"(.*?)([{_LETTER}][{_LETTER}0-9.\u00b7-]*)", re.DOTALL)
_RDF = PREFIXES["rdf"]
# Names that RDF/XML gives another meaning as a property element.
_RESERVED = frozenset(
    "RDF ID about parseType resource nodeID datatype Description aboutEach aboutEachPrefix bagID".split()
)


class Losses:
    """What a format could not say, counted, each kind with the subject that met it first."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.properties: list[str] = []

    def sentences(self) -> Iterator[str]:
        """What a person must know, one line a kind."""
        if self.characters:
            yield (
                f"{len(self.characters)} literals hold characters that XML cannot; U+FFFD stands for them "
                f"(first: {self.characters[0]})"
            )
        if self.properties:
            yield (
                f"{len(self.properties)} triples left out: RDF/XML has no way to write their property "
                f"(first: {self.properties[0]})"
            )


def rdfxml(triples: Iterable[bytes], losses: Losses) -> Iterator[bytes]:
    """An RDF/XML document; what it cannot say goes into `losses`."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    yield "".join(f"\n    xmlns:{p}={quoteattr(PREFIXES[p])}" for p in sorted(PREFIXES)).encode()
    yield b">\n"
    subject = b""
    for triple in triples:
        s, p, o = terms(triple)
        if s != subject:
            if subject:
                yield b"  </rdf:Description>\n"
            yield f"  <rdf:Description rdf:about={quoteattr(unescaped(s))}>\n".encode()
            subject = s
        element = _element(unescaped(p), o, losses)
        if element is None:
            losses.properties.append(unescaped(p))
        else:
            yield element.encode()
    if subject:
        yield b"  </rdf:Description>\n"
    yield b"</rdf:RDF>\n"


def _element(predicate: str, o: bytes, losses: Losses) -> str | None:
    named = _name(predicate)
    if named is None:
        return None
    name, declaration = named
    if o[:1] == b"<":
        return f"    <{name}{declaration} rdf:resource={quoteattr(unescaped(o))}/>\n"
    value, language, datatype = literal(o)
    text, changed = NOT_XML.subn("\ufffd", value)
    if changed:
        losses.characters.append(predicate)
    # A parser turns CR LF into LF before anyone sees it, unless it is written as a reference.
    text = escape(text, {"\r": "&#13;"})
    mark = f" xml:lang={quoteattr(language)}" if language else ""
    mark = f" rdf:datatype={quoteattr(datatype)}" if datatype else mark
    return f"    <{name}{declaration}{mark}>{text}</{name}>\n"


def _name(predicate: str) -> tuple[str, str] | None:
    """The element's name and, where no known prefix fits, the declaration of its namespace."""
    short = curie(predicate)
    if short:
        return None if predicate.startswith(_RDF) and short[4:] in _RESERVED else (short, "")
    found = _NAME.fullmatch(predicate)
    if found is None or not found[1]:
        return None
    return f"ns:{found[2]}", f" xmlns:ns={quoteattr(found[1])}"
