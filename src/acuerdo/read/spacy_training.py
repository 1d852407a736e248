"""spaCy 2's JSON for training: documents of paragraphs of sentences of tokens, each with its BILUO tag."""

from typing import Any

from acuerdo.read import conll


def sniff_tree(tree: Any) -> bool:
    """Whether the object is a document with paragraphs that have sentences."""
    paragraphs = tree.get("paragraphs") if isinstance(tree, dict) else None
    return isinstance(paragraphs, list) and any(
        isinstance(p, dict) and isinstance(p.get("sentences"), list) for p in paragraphs
    )


def example(tree: dict[str, Any]) -> dict[str, Any]:
    """The document as one text with spans by character offset, a blank line between its paragraphs."""
    text, spans = "", list[dict[str, Any]]()
    for paragraph in tree["paragraphs"]:
        if not isinstance(paragraph, dict):
            continue
        words, found = _paragraph(paragraph)
        text += "\n\n" if text and words else ""
        spans += [
            {"start": start + len(text), "end": end + len(text), "label": label}
            for label, start, end in found
        ]
        text += words
    return {**{k: tree[k] for k in ("id", "meta") if k in tree}, "text": text, "spans": spans}


def _paragraph(paragraph: dict[str, Any]) -> tuple[str, list[tuple[str, int, int]]]:
    sentences = [_tokens(s) for s in paragraph.get("sentences") or () if isinstance(s, dict)]
    flat = [token for sentence in sentences for token in sentence]
    words = [word for word, _, _ in flat]
    raw = paragraph.get("raw")
    text = raw if isinstance(raw, str) else ""
    places = _places(text, words)
    if not text or places is None:  # a text of other words than its tokens was not annotated
        blanks = [blank for _, blank, _ in flat[:-1]]
        text = "".join(word + blank for word, blank in zip(words, [*blanks, ""], strict=False))
        places = _places(text, words) or []
    found: list[tuple[str, int, int]] = []
    before = 0
    for sentence in sentences:
        for label, first, last in conll.runs([tag for _, _, tag in sentence]):
            found.append((label, places[before + first][0], places[before + last][1]))
        before += len(sentence)
    return text, found


def _tokens(sentence: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Word, the blank after it, and tag of each token."""
    tokens = sentence.get("tokens")
    return [
        (
            str(token["orth"]),
            token["space"] if isinstance(token.get("space"), str) else " ",
            token["ner"] if isinstance(token.get("ner"), str) else "O",
        )
        for token in (tokens if isinstance(tokens, list) else ())
        if isinstance(token, dict) and isinstance(token.get("orth"), str)
    ]


def _places(text: str, words: list[str]) -> list[tuple[int, int]] | None:
    """Where each word stands, one after another; None where one does not."""
    places, at = [], 0
    for word in words:
        start = text.find(word, at)
        if start < 0:
            return None
        at = start + len(word)
        places.append((start, at))
    return places
