"""The feature structures of a CAS as entities, events, relations and chains."""

from typing import Any

import msgspec

from acuerdo.model import Entity, Event, Mention, Relation, Scalar
from acuerdo.read.draft import LABELS, SAME, Draft, rename
from acuerdo.read.uima_cas import Cas, Node

_GENERIC = {
    "NamedEntity",
    "Span",
    "SimpleSpan",
    "Annotation",
    "Entity",
    "Mention",
    "EntityMention",
    "Relation",
    "SemArg",
    "SemPred",
    "Chunk",
    "Label",
    "CoreferenceLink",
    "SimpleLink",
}
_LABEL_FEATURES = (
    "label",
    "value",
    "category",
    "class",
    "entityType",
    "kind",
    "type",
    "tag",
    "subtype",
    "referenceType",
)
_ENDS = (
    ("Governor", "Dependent"),
    ("governor", "dependent"),
    ("Source", "Target"),
    ("source", "target"),
    ("from", "to"),
)
_LINKS = {"identifier", "conceptId", "concept", "kb", "iri"}
_NOT_ATTRIBUTES = {"order", "id", "uiOrder", "referenceRelation"}


class Structures:
    """The feature structures of one view as entities, events, relations and chains."""

    def __init__(self, cas: Cas, made: Draft, sofa: str, by: str | None) -> None:
        self.cas, self.draft, self.sofa, self.by = cas, made, sofa, by
        self.elsewhere = 0
        self.at_place: dict[tuple[str, str], str] = {}
        self.names: dict[str, str] = {}

    def read(self) -> None:
        """Put all of it into the draft."""
        spans = [
            n
            for n in self.cas.nodes.values()
            if n.begin is not None and not n.technical and self._here(n)
        ]
        relations = [n for n in spans if self._ends(n) is not None]
        related = {n.id for n in relations}
        for node in spans:
            if node.id not in related:
                self.at_place.setdefault((str(node.begin), str(node.end)), node.id)
        for node in spans:
            if node.id not in related:
                self._span(node)
        for node in relations:
            self._relation(node)
        self._chains(spans)
        rename(self.draft, self.names)
        if self.elsewhere:
            self.draft.faults.note(
                "VALUE_INVALID",
                f"{self.elsewhere} annotations stand in another view of the document.",
                "Annotate the initial view.",
            )

    def _here(self, node: Node) -> bool:
        if node.sofa is None or node.sofa == self.sofa:
            return True
        self.elsewhere += 1
        return False

    def _ends(self, node: Node) -> tuple[str, str] | None:
        for source, target in _ENDS:
            if source in node.refs and target in node.refs:
                return source, target
        return None

    # -- spans --------------------------------------------------------------------------------

    def _span(self, node: Node) -> None:
        mention = self._mention(node)
        if mention is None:
            return
        attrs, links = self._features(node)
        label = self._label(node, attrs)
        args = self._slots(node)
        if "localId" in node.features:
            self._ours(node, label, mention, attrs, links, args)
            return
        if args:
            self.draft.events.append(
                Event(
                    node.id,
                    label,
                    mentions=(mention,),
                    attrs=attrs,
                    links=links,
                    args=args,
                    by=self.by,
                )
            )
        else:
            self.draft.entities.append(
                Entity(node.id, label, mentions=(mention,), attrs=attrs, links=links, by=self.by)
            )

    def _ours(
        self,
        node: Node,
        label: str,
        mention: Mention,
        attrs: dict[str, Scalar | tuple[Scalar, ...]],
        links: tuple[str, ...],
        args: dict[str, tuple[str, ...]],
    ) -> None:
        """A span of our own writer's layer, whose features say all that the native format does."""
        self.names[node.id] = str(attrs.pop("localId"))
        side = _decoded(attrs.pop("side", None))
        made: dict[str, Any] = {name: attrs.pop(name) for name in ("by", "at") if name in attrs}
        made |= {
            "id": node.id,
            "type": label,
            "attrs": {**attrs, **side.pop("attrs", {})},
            "args": args,
        }
        made["links"] = [*links, *side.pop("links", [])]
        confidence = attrs.get("confidence")
        if isinstance(confidence, str):
            made["attrs"].pop("confidence")
            made["confidence"] = confidence
        made["mentions"] = [
            {"start": mention.start, "end": mention.end, "more": side.pop("more", [])}
        ]
        try:
            event = msgspec.convert({**made, **side, "attrs": {}}, Event, strict=False)
            event = msgspec.structs.replace(event, attrs=_tuples(made["attrs"]))
        except (msgspec.ValidationError, TypeError):
            self.draft.faults.note(
                "VALUE_INVALID",
                "the features that acuerdo wrote were changed.",
                "Restore them.",
                node.id,
            )
            return
        if args:
            self.draft.events.append(event)
        else:
            self.draft.entities.append(
                Entity(**{k: getattr(event, k) for k in Entity.__struct_fields__})
            )

    def _mention(self, node: Node) -> Mention | None:
        return self.draft.mention(_number(node.begin), _number(node.end), None, node.id)

    def _label(self, node: Node, attrs: dict[str, Scalar | tuple[Scalar, ...]]) -> str:
        """A generic layer's label is its type; of another layer both are kept for the label map to choose."""
        feature = next(
            (f for f in _LABEL_FEATURES if isinstance(attrs.get(f), str) and attrs[f]), None
        )
        if feature is None:
            return node.name
        if node.name in _GENERIC:
            return str(attrs.pop(feature))
        attrs[LABELS] = (str(attrs[feature]),)
        return node.name

    def _features(
        self, node: Node
    ) -> tuple[dict[str, Scalar | tuple[Scalar, ...]], tuple[str, ...]]:
        attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
        links: list[str] = []
        for name, value in node.features.items():
            if name in _LINKS:
                links += [str(v) for v in (value if isinstance(value, tuple) else (value,)) if v]
            elif name not in _NOT_ATTRIBUTES and value not in ("", None, ()):
                attrs[name] = value == "true" if value in ("true", "false") else value
        return attrs, tuple(links)

    def _slots(self, node: Node) -> dict[str, tuple[str, ...]]:
        """Arguments: the targets of links by their role, other annotations by the feature that names them."""
        args: dict[str, list[str]] = {}
        for feature, ids in node.refs.items():
            if feature in {"next", "first"}:
                continue
            for ident in ids:
                other = self.cas.node(ident)
                if other is None:
                    self.draft.faults.note(
                        "DANGLING_REFERENCE",
                        f"{feature} names {ident}, which is not in the file.",
                        "Export it again.",
                        node.id,
                        "relation",
                    )
                elif "target" in other.refs and other.begin is None:
                    role = other.features.get("role")
                    args.setdefault(role if isinstance(role, str) and role else feature, []).extend(
                        other.refs["target"]
                    )
                elif other.begin is not None:
                    args.setdefault(feature, []).append(self._instead(other))
        return {
            role: tuple(
                dict.fromkeys(self._instead(n) if (n := self.cas.node(i)) else i for i in ids)
            )
            for role, ids in args.items()
        }

    def _instead(self, node: Node) -> str:
        """An annotation on the same words, where a reference names a token."""
        if not node.technical:
            return node.id
        return self.at_place.get((str(node.begin), str(node.end)), node.id)

    # -- relations and chains -----------------------------------------------------------------

    def _relation(self, node: Node) -> None:
        names = self._ends(node)
        ends = [
            self.cas.node(node.refs[name][0]) if node.refs[name] else None for name in names or ()
        ]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            self.draft.faults.note(
                "DANGLING_REFERENCE",
                "the relation lacks an end.",
                "Draw it again.",
                node.id,
                "relation",
            )
            return
        attrs, _ = self._features(node)
        label = self._label(node, attrs)
        others = attrs.pop(LABELS, None)
        if isinstance(others, tuple):
            label = str(others[0])
            attrs = {name: value for name, value in attrs.items() if value != label}
        if label == SAME:
            self.draft.same.append((ends[0].id, ends[1].id))
            return
        self.draft.relations.append(
            Relation(
                label,
                self._instead(ends[0]),
                self._instead(ends[1]),
                node.id,
                attrs=attrs,
                by=self.by,
            )
        )

    def _chains(self, spans: list[Node]) -> None:
        for node in spans:
            for following in node.refs.get("next", ()):
                self.draft.same.append((node.id, following))


def _decoded(side: Any) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(side) if isinstance(side, str) else {}
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    return (
        {k: v for k, v in tree.items() if k in {"attrs", "links", "value", "more"}}
        if isinstance(tree, dict)
        else {}
    )


def _tuples(attrs: dict[str, Any]) -> dict[str, Scalar | tuple[Scalar, ...]]:
    """Attributes whose lists are tuples, as they are in the native format."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in attrs.items()}


def _number(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value
