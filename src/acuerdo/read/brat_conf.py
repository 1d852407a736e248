"""brat's annotation.conf: the labels that its annotators may use, whether they did or not."""

import re
from collections.abc import Iterator

from acuerdo.read.overlay import Kind

NAME = "annotation.conf"
_SECTION = re.compile(r"\[(\w+)\]")
_ARGUMENT = re.compile(r"([^\s:,<>]+?)[?*+]?(?:\{[^}]*\})?:")


def labels(text: str) -> Iterator[tuple[Kind, str]]:
    """Each label with its kind: a role below its event's label, an attribute with each of its values."""
    section = ""
    for full in text.split("\n"):
        line = full.strip()
        found = _SECTION.fullmatch(line)
        if found:
            section = found[1]
        elif line and not line.startswith(("#", "-", "<", "!")):
            yield from _of_line(section, line)


def _of_line(section: str, line: str) -> Iterator[tuple[Kind, str]]:
    name, *rest = line.split(None, 1)
    arguments = rest[0] if rest else ""
    if section == "entities":
        yield "class", name
    elif section == "relations" and "symmetric-transitive" not in arguments:
        # Equivalences, which stand in lines with a star, say that two spans are one thing, whatever their label.
        yield "relation", name
    elif section == "events":
        yield "class", name
        for role in _ARGUMENT.findall(arguments):
            yield "role", f"{name}/{role}"
    elif section == "attributes":
        values = re.search(r"Value:\s*([^,\s]+)", arguments)
        for value in values[1].split("|") if values else ["True"]:
            yield "attribute", f"{name}={value}"
