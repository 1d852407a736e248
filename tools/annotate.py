"""Turn marked text and a short list of facts into an article of the native format, and back.

    annotate.py start article.txt                     writes article.marked (sentences numbered) and article.facts
    annotate.py make  article.marked article.facts    writes article.json; --without-text leaves the words out
    annotate.py open  article.json                    writes both files again; --texts DIR where the words are not inside

Nobody types an offset. `docs/how-to/annotate.md` shows the marks and the list.
"""

import bisect
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import msgspec
from marked_text import LineError, Span, read_marks, sentences, write_marks

from acuerdo.model import Article

HEAD = re.compile(r"^(?P<type>[\w-]+)\s+(?P<id>\S+)$")
ARROW = re.compile(r"^(?P<source>\S+)\s+-(?P<type>[\w:-]+)->\s+(?P<target>\S+)$")
LINE = re.compile(r"^\s+(?P<key>[\w-]+)\s*(?P<sign>[=:])\s*(?P<value>.*)$")

ARTICLE_FIELDS = ("published", "date_basis", "language", "url", "title", "publisher", "license")
FIELDS = ("name", "ref", "value", "by", "at", "confidence")
WORDLESS = {"Amount", "Date", "Group"}  # their words are no names
QUOTE_LIMIT = 300


class Block(NamedTuple):
    """One head line of the facts and what is indented below it."""

    number: int
    head: str
    values: dict[str, list[str]]
    args: dict[str, list[str]]


# == Facts ==


def read_blocks(facts: str) -> list[Block]:
    """The list of facts as blocks; `#` begins a comment line."""
    blocks: list[Block] = []
    for number, line in enumerate(facts.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            blocks.append(Block(number, line.strip(), {}, {}))
        elif not (found := LINE.match(line)) or not blocks:
            raise LineError(
                number,
                f"{line.strip()!r} is neither 'key = value' nor 'key: ids' below a head line",
            )
        elif found["sign"] == "=":
            blocks[-1].values.setdefault(found["key"], []).append(found["value"].strip())
        else:
            blocks[-1].args.setdefault(found["key"], []).extend(
                found["value"].replace(",", " ").split()
            )
    return blocks


def plain(value: str) -> str | int | float | bool:
    """A value as written: a number, true, false, or words; JSON quotes keep a number as words."""
    if not re.fullmatch(r'-?(0|[1-9]\d*)(\.\d+)?|true|false|".*"', value):
        return value
    try:
        parsed: str | int | float | bool = json.loads(value)
    except ValueError:  # words that begin and end with a quotation mark
        return value
    return parsed


def written(value: object) -> str:
    """The inverse of `plain`."""
    if not isinstance(value, str):
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False) if plain(value) != value else value


def _one_or_many(values: list[str]) -> object:
    return plain(values[0]) if len(values) == 1 else [plain(value) for value in values]


# == Marked text and facts to an article ==


class Words:
    """The text, where each id is marked in it, and how much of it may be kept."""

    def __init__(self, text: str, spans: list[Span], *, without_text: bool) -> None:
        self.text, self.without_text = text, without_text
        self.places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for start, end, name in spans:
            self.places[name].append((start, end))
        self.used: set[str] = set()

    def mention(self, place: tuple[int, int], *, named: bool) -> dict[str, object]:
        """One span; without text only names keep their words, all else a digest."""
        start, end = place
        words = self.text[start:end]
        if not self.without_text or (named and any(c.isupper() for c in words)):
            return {"start": start, "end": end, "text": words}
        return {
            "start": start,
            "end": end,
            "digest": hashlib.sha256(words.encode()).hexdigest()[:16],
        }

    def mentions(self, name: str, *, named: bool) -> list[dict[str, object]]:
        """All spans of an id; `id~` marks are further fragments of the last one before them."""
        self.used |= {name, f"{name}~"}
        found = [self.mention(place, named=named) for place in self.places.get(name, ())]
        starts = [place[0] for place in self.places.get(name, ())]
        for start, end in self.places.get(f"{name}~", ()):
            index = bisect.bisect(starts, start) - 1
            if index < 0:
                raise click.ClickException(f"[[{name}~| comes before any [[{name}|")
            more = found[index].setdefault("more", [])
            assert isinstance(more, list)
            more.append([start, end])
        return found

    def evidence(self, block: Block) -> list[dict[str, object]]:
        """The spans that the facts name as evidence."""
        names = block.args.get("evidence", [])
        for name in names:
            if not name.startswith("@") or name not in self.places:
                raise LineError(
                    block.number, f"{name!r} is no numbered sentence of the marked text"
                )
        return [self.mention(place, named=False) for name in names for place in self.places[name]]

    def sections(self) -> list[dict[str, object]]:
        """The spans marked `#kind`."""
        found = [
            {"start": start, "end": end, "kind": name[1:]}
            for name, places in self.places.items()
            if name.startswith("#")
            for start, end in places
        ]
        return sorted(found, key=lambda section: int(str(section["start"])))


def node(block: Block, kind: str, ident: str, words: Words) -> dict[str, object]:
    """An entity, or an event where the block has ids or evidence."""
    is_event = bool(block.args)
    out: dict[str, object] = {"id": ident, "type": kind}
    for field in FIELDS:
        if field in block.values:
            value = block.values[field][0]
            out[field] = (
                value if kind == "Date" or field not in {"value", "confidence"} else plain(value)
            )
    if "links" in block.values:
        out["links"] = block.values["links"]
    out["mentions"] = words.mentions(ident, named=not is_event and kind not in WORDLESS)
    attrs = {k: _one_or_many(v) for k, v in block.values.items() if k not in {*FIELDS, "links"}}
    _check_quote(block, attrs, words.text)
    out["attrs"] = attrs
    if is_event:
        out["args"] = {key: ids for key, ids in block.args.items() if key != "evidence"}
        out["evidence"] = words.evidence(block)
    return {key: value for key, value in out.items() if value not in ({}, [])}


def _check_quote(block: Block, attrs: dict[str, object], text: str) -> None:
    quote = attrs.get("quote")
    if quote is None:
        return
    if not isinstance(quote, str) or quote not in text:
        raise LineError(block.number, "the quote does not stand in the text, word for word")
    if len(quote) > QUOTE_LIMIT:
        raise LineError(
            block.number,
            f"the quote has {len(quote)} characters; at most {QUOTE_LIMIT} may be kept",
        )


def relation(block: Block, found: re.Match[str], words: Words) -> dict[str, object]:
    """A relation between two ids."""
    out: dict[str, object] = {key: found[key] for key in ("type", "source", "target")}
    if "id" in block.values:
        out["id"] = block.values["id"][0]
    for field in ("by", "at", "confidence"):
        if field in block.values:
            out[field] = _one_or_many(block.values[field])
    out["evidence"] = words.evidence(block)
    kept = {"id", "by", "at", "confidence"}
    out["attrs"] = {k: _one_or_many(v) for k, v in block.values.items() if k not in kept}
    return {key: value for key, value in out.items() if value not in ({}, [])}


def make_article(marked: str, facts: str, *, without_text: bool = False) -> dict[str, object]:
    """The article as plain JSON values, checked against the native format."""
    text, spans = read_marks(marked)
    words = Words(text, spans, without_text=without_text)
    article: dict[str, object] = {"acuerdo": 1}
    lists: dict[str, list[dict[str, object]]] = {"entities": [], "events": [], "relations": []}
    agents: dict[str, object] = {}
    for block in read_blocks(facts):
        if arrow := ARROW.match(block.head):
            lists["relations"].append(relation(block, arrow, words))
            continue
        head = HEAD.match(block.head)
        if head is None:
            raise LineError(
                block.number, f"{block.head!r} is neither 'Type id' nor 'source -type-> target'"
            )
        if head["type"] == "Article":
            article |= _article_head(block, head["id"])
        elif head["type"] == "agent":
            agents[head["id"]] = {key: values[0] for key, values in block.values.items()}
        else:
            made = node(block, head["type"], head["id"], words)
            lists["events" if block.args else "entities"].append(made)
    article |= _words_of(text, without_text=without_text)
    article |= {"sections": words.sections(), "agents": agents, **lists}
    _refuse_unknown(words, lists)
    article = {key: value for key, value in article.items() if value not in ({}, [])}
    try:
        msgspec.convert(article, Article)
    except msgspec.ValidationError as error:
        raise click.ClickException(f"this is no article: {error}") from error
    return article


def _article_head(block: Block, ident: str) -> dict[str, object]:
    head: dict[str, object] = {"id": ident}
    head |= {key: block.values[key][0] for key in ARTICLE_FIELDS if key in block.values}
    head["attrs"] = {k: _one_or_many(v) for k, v in block.values.items() if k not in ARTICLE_FIELDS}
    return head


def _words_of(text: str, *, without_text: bool) -> dict[str, object]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"sha256": digest} if without_text else {"text": text}


def _refuse_unknown(words: Words, lists: dict[str, list[dict[str, object]]]) -> None:
    nodes = [*lists["entities"], *lists["events"]]
    known = [str(item["id"]) for item in nodes]
    if twice := {name for name in known if known.count(name) > 1}:
        raise click.ClickException(f"more than one block has the id {sorted(twice)}")
    if unknown := {n for n in words.places if n[0] not in "@#"} - words.used:
        raise click.ClickException(f"marked, but no block has the id: {sorted(unknown)}")
    named = {(str(i["id"]), t) for i in lists["events"] for ids in _args(i).values() for t in ids}
    named |= {
        (str(r["type"]), str(r[end])) for r in lists["relations"] for end in ("source", "target")
    }
    if dangling := sorted(f"{owner} -> {target}" for owner, target in named if target not in known):
        raise click.ClickException(f"no block has the id: {', '.join(dangling)}")


def _args(event: dict[str, object]) -> dict[str, list[str]]:
    args = event.get("args", {})
    assert isinstance(args, dict)
    return args


def dumped(article: dict[str, object]) -> str:
    """JSON with one line a thing, so that a difference shows what changed."""
    lines = []
    for key, value in article.items():
        if isinstance(value, list) and key != "sections":
            items = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in value)
            lines.append(f"  {json.dumps(key)}: [\n{items}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


# == An article to marked text and facts ==


def open_article(article: Article, text: str) -> tuple[str, str]:
    """The marked text and the facts that `make_article` turns into this article."""
    proofs = [item.evidence for item in article.events] + [r.evidence for r in article.relations]
    spans = {(mention.start, mention.end) for evidence in proofs for mention in evidence}
    numbers = {place: f"@{number}" for number, place in enumerate(sorted(spans), 1)}
    marks = [Span(*place, name) for place, name in numbers.items()]
    marks += [Span(s.start, s.end, f"#{s.kind}") for s in article.sections]
    for item in (*article.entities, *article.events):
        for mention in item.mentions:
            marks.append(Span(mention.start, mention.end, item.id))
            marks += [Span(*fragment, f"{item.id}~") for fragment in mention.more]
    return write_marks(text, marks), "\n".join(_facts(article, numbers)) + "\n"


def _facts(article: Article, numbers: dict[tuple[int, int], str]) -> Iterator[str]:
    yield f"Article {article.id}"
    yield from _values({key: getattr(article, key) for key in ARTICLE_FIELDS}, quoted=False)
    yield from _values(article.attrs)
    for name, agent in article.agents.items():
        yield f"\nagent {name}"
        yield from _values(msgspec.to_builtins(agent), quoted=False)
    for item in (*article.entities, *article.events):
        yield f"\n{item.type} {item.id}"
        yield from _values({key: getattr(item, key) for key in FIELDS}, quoted=item.type != "Date")
        yield from _values({"links": item.links, **item.attrs})
        if item in article.events:
            args = getattr(item, "args", {})
            yield from (f"  {key}: {' '.join(ids)}" for key, ids in args.items())
            yield f"  evidence: {' '.join(numbers[m.start, m.end] for m in getattr(item, 'evidence', ()))}"
    for link in article.relations:
        yield f"\n{link.source} -{link.type}-> {link.target}"
        yield from _values(
            {"id": link.id, "by": link.by, "at": link.at, "confidence": link.confidence}
        )
        yield from _values(link.attrs)
        if link.evidence:
            yield f"  evidence: {' '.join(numbers[m.start, m.end] for m in link.evidence)}"


def _values(values: Mapping[str, object], *, quoted: bool = True) -> Iterator[str]:
    for key, value in values.items():
        if value is not None:
            for one in value if isinstance(value, list | tuple) else (value,):
                yield f"  {key} = {written(one) if quoted else one}"


# == Commands ==


@click.group()
def main() -> None:
    """Annotate an article without typing an offset."""


@main.command()
@click.argument("text", type=click.Path(exists=True, path_type=Path))
def start(text: Path) -> None:
    """Number the sentences of TEXT and begin its list of facts."""
    words = text.read_bytes().decode()
    if (facts := text.with_suffix(".facts")).exists():
        raise click.ClickException(f"{facts} is there already; move it away to begin anew")
    spans = [Span(*place, f"@{number}") for number, place in enumerate(sentences(words), 1)]
    _write(text.with_suffix(".marked"), write_marks(words, spans))
    head = f"Article {text.stem}\n  published = \n  date_basis = stated\n  language = en\n"
    _write(facts, head)


@main.command()
@click.argument("marked", type=click.Path(exists=True, path_type=Path))
@click.argument("facts", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--without-text", is_flag=True, help="Keep offsets, digests and names, not the words."
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Default: MARKED with .json.")
def make(marked: Path, facts: Path, without_text: bool, output: Path | None) -> None:
    """Write the article that MARKED and FACTS describe."""
    article = make_article(
        marked.read_bytes().decode(), facts.read_text(), without_text=without_text
    )
    _write(output or marked.with_suffix(".json"), dumped(article))


@main.command("open")
@click.argument("article", type=click.Path(exists=True, path_type=Path))
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", "-o", type=click.Path(file_okay=False, path_type=Path), default=Path())
def open_command(article: Path, texts: Path | None, output: Path) -> None:
    """Write the marked text and the facts of ARTICLE again, to correct them."""
    decoded = msgspec.json.decode(article.read_bytes(), type=Article)
    text = decoded.text or text_by_digest(decoded.sha256, texts)
    marked, facts = open_article(decoded, text)
    _write(output / f"{article.stem}.marked", marked)
    _write(output / f"{article.stem}.facts", facts)


def text_by_digest(digest: str | None, texts: Path | None) -> str:
    """The file below `texts` whose bytes have the digest; its name does not matter."""
    for path in sorted(texts.rglob("*")) if texts else ():
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            return path.read_bytes().decode()
    raise click.ClickException(
        f"no text has the digest {digest}; say where the texts are with --texts"
    )


def _write(path: Path, content: str) -> None:
    path.write_bytes(content.encode())
    click.echo(f"wrote {path}", err=True)


if __name__ == "__main__":
    main()
