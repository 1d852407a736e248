"""XML from strangers: no entity is expanded, none is fetched, and what cannot be parsed is said with its place."""

import re
from xml.etree import ElementTree as ET
from xml.parsers import expat

from acuerdo.report import Fault

DEPTH_LIMIT = 200
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_PLAIN = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"latin-1", b"windows-1252"}
_SMALL = 8 << 20  # at most 1.2 million elements, nested or not
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|7[fF])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|127));"
)


class _RefusedError(Exception):
    """What the document asks for is not done."""


def tree(data: bytes, file: str) -> ET.Element | Fault:
    """The root element; a fault for what is no XML, declares entities, or is nested too deep."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            data = _DECLARATION.sub(b"", data.decode("utf-16").encode("utf-8"))
        except UnicodeDecodeError:
            return Fault(
                "ENCODING",
                "it begins as UTF-16 and is none.",
                "Save it as UTF-8.",
                file=file,
                byte=0,
                dropped="file",
            )
    data = _as_version_1_0(data)
    try:
        harmless = _declares_nothing(data)
        if not harmless:
            _look_through(data)
        root = ET.fromstring(data)  # noqa: S314 what is dangerous was refused just before
        if harmless:
            _measure(root)
    except _RefusedError as error:
        return Fault(
            "FILE_UNREADABLE",
            f"the XML is refused: {error}.",
            "Export it again from the annotation tool.",
            file=file,
            dropped="file",
        )
    except (expat.ExpatError, ET.ParseError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "offset", 0)
        if isinstance(error, ET.ParseError):
            line, column = error.position
        return Fault(
            "FILE_UNREADABLE",
            f"the XML is not well-formed: {str(error).partition(':')[0]}.",
            "Export it again from the annotation tool.",
            file=file,
            line=line,
            column=column + 1,
            dropped="file",
        )
    except (ValueError, LookupError) as error:
        return Fault(
            "ENCODING",
            f"its encoding is not known: {str(error)[:60]}.",
            "Save it as UTF-8.",
            file=file,
            byte=0,
            dropped="file",
        )
    else:
        return root


def _as_version_1_0(data: bytes) -> bytes:
    """XML 1.1, which some tools write so that control characters can stand in it, for a parser of 1.0.

    A control character becomes U+FFFD, so that offsets stay; nothing that names it would be accepted anyway.
    """
    head = data[:200]
    if b'version="1.1"' not in head and b"version='1.1'" not in head:
        return data
    end = data.find(b"?>")
    declaration = data[:end].replace(b"1.1", b"1.0", 1)
    return declaration + _CONTROL_REFERENCE.sub(b"&#xFFFD;", data[end:])


def _declares_nothing(data: bytes) -> bool:
    """Whether a document cannot declare an entity, and is too small to be built to harm however it nests.

    Its bytes must be those of its characters: in another encoding a declaration looks otherwise.
    """
    encoding = _ENCODING.search(data[:200])
    return (
        len(data) <= _SMALL
        and (encoding is None or encoding[1].lower() in _PLAIN)
        and not any(sign in data for sign in (b"<!DOCTYPE", b"<!ENTITY", b"\0"))
    )


def _measure(root: ET.Element) -> None:
    """Level by level, for nobody can tell the depth of a document before it is parsed."""
    level, depth = [root], 1
    while level := [child for element in level for child in element]:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _RefusedError("it is nested too deep")


def _look_through(data: bytes) -> None:
    """One pass that builds nothing, to know what the document asks for."""
    depth = 0

    def start(_name: str, _attrs: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _RefusedError("it is nested too deep")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(name: str, *_rest: object) -> None:
        raise _RefusedError(f"it declares the entity {name[:40]}")

    def external(*_rest: object) -> int:
        raise _RefusedError("it names an external entity")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler, parser.ExternalEntityRefHandler = entity, external
    parser.Parse(data, True)
