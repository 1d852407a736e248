"""Configurations of annotation tools, generated from the ontology."""

from xml.sax.saxutils import quoteattr

from acuerdo.export.annotations.profile import Kind, fillers, kinds
from acuerdo.read.draft import SECTION_KINDS
from acuerdo.vocabulary import Vocabulary


def brat(known: Vocabulary) -> str:
    """Brat's annotation.conf: entities, relations between them, events with roles, attributes with values."""
    all_kinds = kinds(known)
    entities = [k for k in all_kinds if not k.event]
    events = [k for k in all_kinds if k.event]
    out = [
        "# Made by `acuerdo labels --config brat` from the ontology.",
        "",
        "[entities]",
        *(k.name for k in entities),
        "Date",
        "Section",
        "Evidence",
    ]
    out += ["", "[relations]", *_brat_relations(known, entities)]
    out += ["", "[events]", *(_brat_event(known, kind) for kind in events)]
    out += ["", "[attributes]", *_brat_attributes(all_kinds)]
    return "\n".join([*out, ""])


def _brat_relations(known: Vocabulary, entities: list[Kind]) -> list[str]:
    found: dict[tuple[str, str], list[str]] = {}
    for kind in entities:
        for name, filler in kind.args.items():
            found.setdefault((name, filler), []).append(kind.name)
    lines = [
        f"{name}\tArg1:{'|'.join(sources)}, Arg2:{'|'.join(fillers(known, filler))}"
        for (name, filler), sources in sorted(found.items())
    ]
    return [*lines, "<OVERLAP>\tArg1:<ANY>, Arg2:<ANY>, <OVL-TYPE>:<ANY>"]


def _brat_event(known: Vocabulary, kind: Kind) -> str:
    args = [f"{name}*:{'|'.join(fillers(known, filler))}" for name, filler in kind.args.items()]
    return f"{kind.name}\t{', '.join([*args, 'evidence*:Evidence'])}"


def _brat_attributes(all_kinds: list[Kind]) -> list[str]:
    """One line an attribute and list of values; brat knows no attribute with two lists, so these are joined."""
    values: dict[str, set[str]] = {}
    bearers: dict[str, list[str]] = {}
    for kind in all_kinds:
        for name, known_values in kind.attrs.items():
            values.setdefault(name, set()).update(known_values)
            bearers.setdefault(name, []).append(kind.name)
    values.setdefault("kind", set()).update(SECTION_KINDS)
    bearers.setdefault("kind", []).append("Section")
    return [
        f"{name}\tArg:{'|'.join(bearers[name])}, Value:{'|'.join(sorted(values[name]))}"
        for name in sorted(values)
    ]


def label_studio(known: Vocabulary) -> str:
    """Label Studio's labelling config: labels, relations, and per-region choices where they apply."""
    all_kinds = kinds(known)
    labels = [*(k.name for k in all_kinds), "Date", "Section", "Evidence"]
    relations = sorted({name for k in all_kinds for name in k.args} | {"@same", "evidence"})
    out = [
        "<View>",
        "  <!-- Made by `acuerdo labels - -config label-studio` from the ontology. -->",
        '  <Labels name="label" toName="text">',
    ]
    out += [f"    <Label value={quoteattr(label)}/>" for label in labels]
    out += ["  </Labels>", '  <Text name="text" value="$text"/>', "  <Relations>"]
    out += [f"    <Relation value={quoteattr(relation)}/>" for relation in relations]
    out += ["  </Relations>"]
    out += _label_studio_choices(all_kinds)
    out += [
        f'  <TextArea name="{name}" toName="text" perRegion="true" placeholder="{name}"/>'
        for name in ("value", "ref", "link")
    ]
    return "\n".join([*out, "</View>", ""])


def _label_studio_choices(all_kinds: list[Kind]) -> list[str]:
    out = []
    by_values: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind in all_kinds:
        for name, values in kind.attrs.items():
            by_values.setdefault((name, values), []).append(kind.name)
    seen: dict[str, int] = {}
    for (name, values), bearers in sorted(by_values.items()):
        seen[name] = seen.get(name, 0) + 1
        own = name if seen[name] == 1 else f"{name}-{seen[name]}"
        out.append(
            f'  <Choices name="{own}" toName="text" perRegion="true" whenTagName="label" whenLabelValue={quoteattr(",".join(bearers))} choice="single" showInline="true">'
        )
        out += [f"    <Choice value={quoteattr(value)}/>" for value in values]
        out.append("  </Choices>")
    return out
