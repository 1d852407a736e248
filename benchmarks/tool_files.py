"""The made-up articles of `readers.py` in the formats that acuerdo only reads, shaped as their tools write them."""

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from acuerdo.model import Article, Entity, Event

_WORD = re.compile(r"\w+|[^\w\s]")
_NAF_HEAD = '<?xml version="1.0" encoding="UTF-8"?><NAF xml:lang="en" version="v3"><nafHeader><fileDesc creationtime="2024-03-06"/></nafHeader>'


def _all(article: Article) -> Iterator[Entity | Event]:
    yield from (*article.entities, *article.events)


def _span(item: Entity) -> tuple[int, int]:
    return item.mentions[0].start, item.mentions[0].end


def prodigy(article: Article) -> str:
    """A line of `prodigy db-out`, with the tokens that its manual recipes write."""
    spans = {i.id: {"start": _span(i)[0], "end": _span(i)[1], "token_start": 0, "token_end": 0, "label": i.type} for i in _all(article)}  # fmt: skip
    relations = [
        {"head": 0, "child": 0, "head_span": spans[e.id], "child_span": spans[i], "color": "#ffd882", "label": role}
        for e in article.events for role, ids in e.args.items() for i in ids
    ]  # fmt: skip
    tokens = [{"text": m[0], "start": m.start(), "end": m.end(), "id": n, "ws": True, "disabled": False} for n, m in enumerate(_WORD.finditer(article.text or ""))]  # fmt: skip
    tree = {"text": article.text, "meta": {"published": "2024-03-06"}, "_input_hash": hash(article.id), "_task_hash": 1,
            "tokens": tokens, "_view_id": "relations", "relations": relations, "spans": list(spans.values()), "answer": "accept"}  # fmt: skip
    return json.dumps(tree)


def uima_json(article: Article) -> str:
    """A CAS as INCEpTION writes it, a token for each word, slots as link structures."""
    types = {
        "webanno.custom.LinkType": {
            "%NAME": "webanno.custom.LinkType",
            "%SUPER_TYPE": "uima.cas.TOP",
        }
    }
    fss = [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView", "mimeType": "text", "sofaString": article.text},
           {"%ID": 2, "%TYPE": "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData", "@sofa": 1, "begin": 0, "end": len(article.text or ""), "documentId": article.id}]  # fmt: skip
    for match in _WORD.finditer(article.text or ""):
        fss.append({"%ID": len(fss) + 1, "%TYPE": "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token", "@sofa": 1, "begin": match.start(), "end": match.end(), "order": 0})  # fmt: skip
    numbers = {item.id: 100_000 + n for n, item in enumerate(_all(article))}
    for item in _all(article):
        start, end = _span(item)
        made = {
            "%ID": numbers[item.id],
            "%TYPE": f"webanno.custom.{item.type}",
            "@sofa": 1,
            "begin": start,
            "end": end,
        }
        if isinstance(item, Event):
            links = []
            for role, ids in item.args.items():
                for ident in ids:
                    links.append(200_000 + len(fss))
                    fss.append(
                        {
                            "%ID": links[-1],
                            "%TYPE": "webanno.custom.LinkType",
                            "role": role,
                            "@target": numbers[ident],
                        }
                    )
            made["@arguments"] = links
        fss.append(made)
    return json.dumps({"%TYPES": types, "%FEATURE_STRUCTURES": fss, "%VIEWS": {}}, indent=1)


def gate(article: Article) -> str:
    """A bdocjs document, a Token for each word in a set of its own kind."""
    numbers = {item.id: 10_000 + n for n, item in enumerate(_all(article))}
    found = []
    for item in _all(article):
        features = (
            {r: [numbers[i] for i in ids] for r, ids in item.args.items()}
            if isinstance(item, Event)
            else {}
        )
        start, end = _span(item)
        found.append(
            {
                "type": item.type,
                "start": start,
                "end": end,
                "id": numbers[item.id],
                "features": features,
            }
        )
    found += [{"type": "Token", "start": m.start(), "end": m.end(), "id": n, "features": {"string": m[0], "length": str(len(m[0])), "kind": "word", "category": "NN"}} for n, m in enumerate(_WORD.finditer(article.text or ""))]  # fmt: skip
    return json.dumps({"annotation_sets": {"": {"name": "", "annotations": found, "next_annid": 1}}, "text": article.text, "features": {}, "offset_type": "p", "name": article.id})  # fmt: skip


def naf(article: Article) -> str:
    """Words, terms, entities and predicates of NewsReader's layers."""
    words = list(_WORD.finditer(article.text or ""))

    def span(item: Entity) -> str:
        start, end = _span(item)
        inside = (n for n, m in enumerate(words) if start <= m.start() and m.end() <= end)
        return "<span>" + "".join(f'<target id="t{n}"/>' for n in inside) + "</span>"

    spans = {item.id: span(item) for item in _all(article)}
    parts = [_NAF_HEAD, f"<raw><![CDATA[{article.text}]]></raw><text>"]
    parts += [f'<wf id="w{n}" sent="1" para="1" offset="{m.start()}" length="{len(m[0])}">{escape(m[0])}</wf>\n' for n, m in enumerate(words)]  # fmt: skip
    parts += ["</text><terms>", *(f'<term id="t{n}" type="open" lemma="{escape(m[0])}" pos="N" morphofeat="NN"><span><target id="w{n}"/></span></term>\n' for n, m in enumerate(words))]  # fmt: skip
    parts += ["</terms><entities>", *(f'<entity id="{escape(e.id)}" type="{e.type}"><references>{spans[e.id]}</references></entity>\n' for e in article.entities)]  # fmt: skip
    parts.append("</entities><srl>")
    for event in article.events:
        roles = "".join(f'<role id="r" semRole="{role}">{spans[i]}</role>' for role, ids in event.args.items() for i in ids)  # fmt: skip
        parts.append(f'<predicate id="{event.id}"><externalReferences><externalRef resource="ESO" reference="{event.type}"/></externalReferences>{spans[event.id]}{roles}</predicate>\n')  # fmt: skip
    return "".join([*parts, "</srl></NAF>"])


def pubannotation(article: Article) -> str:
    """A document of PubAnnotation, arguments as relations."""
    spans = [{"id": i.id, "span": {"begin": _span(i)[0], "end": _span(i)[1]}, "obj": i.type} for i in _all(article)]  # fmt: skip
    relations = [{"id": f"{e.id}-{role}-{i}", "pred": role, "subj": e.id, "obj": i} for e in article.events for role, ids in e.args.items() for i in ids]  # fmt: skip
    return json.dumps({"text": article.text, "sourcedb": "bench", "sourceid": article.id, "denotations": spans, "relations": relations})  # fmt: skip


def casie(article: Article) -> str:
    """A document of CASIE; each event is a hopper of its own."""
    things = {i.id: {"index": i.id, "startOffset": _span(i)[0], "endOffset": _span(i)[1], "text": i.mentions[0].text, "type": i.type} for i in _all(article)}  # fmt: skip
    hoppers = [
        {"index": n, "relation": "Same", "events": [{"index": e.id, "type": e.type, "realis": "Actual", "nugget": things[e.id],
         "argument": [things[i] | {"role": {"type": role}} for role, ids in e.args.items() for i in ids]}]}
        for n, e in enumerate(article.events)
    ]  # fmt: skip
    return json.dumps({"cyberevent": {"hopper": hoppers}, "sourcefile": f"{article.id}.txt", "info": {"date": "2024_03_06"}, "content": article.text})  # fmt: skip


def conll(article: Article) -> str:
    """Columns of CoNLL 2003 with IOB2 tags."""
    starts = {(_span(e)[0]): (_span(e)[1], e.type) for e in article.entities}
    lines, inside, label = [f"# newdoc id = {article.id}"], 0, ""
    for match in _WORD.finditer(article.text or ""):
        prefix = "I"
        if match.start() in starts:
            (inside, label), prefix = starts[match.start()], "B"
        lines.append(f"{match[0]} NN O {f'{prefix}-{label}' if match.start() < inside else 'O'}")
        if match[0] == ".":
            lines.append("")
    return "\n".join([*lines, ""])


# Format → its writer, the file's suffix, and whether many articles stand in one file.
WRITERS: dict[str, tuple[Callable[[Article], str], str, bool]] = {
    "prodigy": (prodigy, "jsonl", True),
    "uima-json": (uima_json, "json", False),
    "gate": (gate, "bdocjs", False),
    "naf": (naf, "naf", False),
    "pubannotation": (pubannotation, "json", False),
    "casie": (casie, "json", False),
    "conll": (conll, "conll", True),
}


def write(articles: list[Article], folder: Path, form: str) -> None:
    """Write the articles in the format into the folder."""
    made, suffix, together = WRITERS[form]
    folder.mkdir(parents=True)
    if together:
        (folder / f"all.{suffix}").write_text("\n".join(map(made, articles)), encoding="utf-8")
        return
    for one in articles:
        (folder / f"{one.id}.{suffix}").write_text(made(one), encoding="utf-8")
