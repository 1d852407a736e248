"""The fault contract: each thing wrong has its code, place and hint; the rest is as if it had never been."""

import copy
import gzip
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuerdo import mapping, read, report, resolve

ROOT = Path(__file__).parents[1]
TEXT = (
    "Ministers Ana Ruiz and Tom Lee met in Quito on Tuesday. 😀 Ms. Ruiz said the café talks "
    "went well.\nRead more on our page."
)


def at(words: str, nth: int = 0) -> dict:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return {"start": start, "end": start + len(words), "text": words}


GOOD = {
    "acuerdo": 1,
    "id": "quito-2024",
    "published": "2024-03-06",
    "date_basis": "stated",
    "language": "en",
    "text": TEXT,
    "sections": [{"start": TEXT.index("Read"), "end": len(TEXT), "kind": "furniture"}],
    "entities": [
        {"id": "ana", "type": "Person", "name": "Ana Ruiz", "mentions": [at("Ana Ruiz"), at("Ms. Ruiz")]},
        {"id": "tom", "type": "Person", "name": "Tom Lee", "mentions": [at("Tom Lee")]},
        {"id": "quito", "type": "Place", "name": "Quito", "mentions": [at("Quito")]},
        {"id": "ecuador", "type": "Country", "name": "Ecuador", "mentions": [at("Ministers")]},
        {"id": "day", "type": "Date", "value": "2024-03-05", "mentions": [at("on Tuesday")]},
    ],
    "events": [
        {"id": "talks", "type": "Meeting", "attrs": {"status": "occurred"}, "mentions": [at("met")],
         "args": {"participant": ["ana", "tom"], "venue": ["quito"], "time": ["day"]}},
        {"id": "said", "type": "Statement", "mentions": [at("said")], "args": {"speaker": ["ana"]}},
    ],
    "relations": [{"id": "in", "type": "within", "source": "quito", "target": "ecuador", "evidence": [at("Quito")]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([ROOT / "ontology"])


def run(
    data: bytes, tmp_path: Path, world, name: str = "a.json"
) -> tuple[list[report.Fault], bytes]:
    """All faults of a file, and the quads of what remains."""
    path = tmp_path / name
    path.write_bytes(data)
    faults, out = [], b""
    for one in read.articles([path]):
        faults += one.faults
        if one.article:
            resolved = resolve.resolve(one.article, world, one.file)
            faults += resolved.faults
            out += mapping.map_article(resolved, world)
    return faults, out


def encoded(article: dict) -> bytes:
    return json.dumps(article, ensure_ascii=False).encode()


def changed(*steps) -> dict:
    article = copy.deepcopy(GOOD)
    for path, value in steps:
        *head, last = path
        node = article
        for key in head:
            node = node[key]
        if value is KeyError:
            del node[last]
        else:
            node[last] = value
    return article


def test_the_example_itself_has_no_fault(tmp_path, world) -> None:
    faults, quads = run(encoded(GOOD), tmp_path, world)
    assert faults == []
    assert quads.count(b"\n") > 60


TOM = ("entities", 1, "mentions", 0)
TALKS = ("events", 0)
WITHOUT_TOM = changed((("entities", 1), KeyError), (("events", 0, "args", "participant"), ["ana"]))
WITHOUT_TALKS = changed((("events", 0), KeyError))
WITHOUT_RELATION = changed((("relations",), []))
EMOJI = TEXT.index("Ms. Ruiz")
# What json.dumps cannot write: `raw` puts the digits in their place.
LONG, BEYOND = "@long", "@beyond"


def raw(article: dict) -> bytes:
    text = json.dumps(article)
    return text.replace(f'"{LONG}"', "9" * 5000).replace(f'"{BEYOND}"', "1e400").encode()


CASES = {
    # what is changed in GOOD, the code, a part of the line, what must remain
    "an offset beyond the text": ([((*TOM, "end"), 9999)], "OFFSET_OUT_OF_RANGE", "code points", WITHOUT_TOM),
    "a negative offset": ([((*TOM, "start"), -3)], "OFFSET_OUT_OF_RANGE", "negative", WITHOUT_TOM),
    "a reversed span": ([((*TOM, "start"), 30), ((*TOM, "end"), 23)], "SPAN_REVERSED", "[30,23)", WITHOUT_TOM),
    "an empty span": ([((*TOM, "end"), 23), ((*TOM, "start"), 23)], "SPAN_EMPTY", "[23,23)", WITHOUT_TOM),
    "a boolean offset": ([((*TOM, "start"), True)], "OFFSET_TYPE", "bool", WITHOUT_TOM),
    "a float offset": ([((*TOM, "start"), 23.0)], "OFFSET_TYPE", "float", WITHOUT_TOM),
    "an offset as a string": ([((*TOM, "start"), "23")], "OFFSET_TYPE", "str", WITHOUT_TOM),
    "edited words": ([((*TOM, "text"), "Tom Leigh")], "SURFACE_MISMATCH", "edited", WITHOUT_TOM),
    "fragments out of order": ([((*TOM, "more"), [[1, 4]])], "FRAGMENTS_INVALID", "[1,4)", WITHOUT_TOM),
    "an id that stands twice": ([(("events", 1, "id"), "talks")], "DUPLICATE_ID", "twice", changed((("events", 1), KeyError))),
    "an unknown type": ([(("entities", 1, "type"), "Persom")], "UNKNOWN_TYPE", "Did you mean 'Person'?", WITHOUT_TOM),
    "an unknown event type": ([((*TALKS, "type"), "Meetting")], "UNKNOWN_TYPE", "'Meeting'", WITHOUT_TALKS),
    "an unknown status": ([((*TALKS, "attrs", "status"), "ocurred")], "UNKNOWN_TYPE", "Did you mean 'occurred'?", WITHOUT_TALKS),
    "an unknown role": ([((*TALKS, "args", "hots"), ["tom"])], "UNKNOWN_KEY", "args.hots", GOOD),
    "an unknown attribute": ([((*TALKS, "attrs", "moood"), "good")], "UNKNOWN_KEY", "moood", GOOD),
    "an offset of 5000 digits": ([((*TOM, "end"), LONG)], "OFFSET_OUT_OF_RANGE", "too large", WITHOUT_TOM),
    "a confidence beyond all numbers": ([(("entities", 1, "confidence"), BEYOND)], "VALUE_INVALID", "too large", WITHOUT_TOM),
    "an own value beyond all numbers": ([(("entities", 1, "attrs"), {"x-size": BEYOND})], "VALUE_INVALID", "attrs.x-size", WITHOUT_TOM),
    "a fragment of three numbers": ([((*TOM, "more"), [[31, 34, 40]])], "FRAGMENTS_INVALID", "two offsets", WITHOUT_TOM),
    "an unknown key": ([(("entities", 1, "typo"), 1)], "UNKNOWN_KEY", "$.entities[1] has the unknown key 'typo'", WITHOUT_TOM),
    "a dangling argument": ([((*TALKS, "args", "participant"), ["ana", "tom", "bob"])], "DANGLING_REFERENCE", "'bob'", GOOD),
    "an id of two relations": ([(("relations",), [*GOOD["relations"], {"id": "in", "type": "within", "source": "ana", "target": "quito"}])], "DUPLICATE_ID", "'in' stands twice", GOOD),
    "a role on what is no event": ([((*TALKS, "type"), "Person")], "UNKNOWN_KEY", "is the type Person right?", changed(((*TALKS, "type"), "Person"), ((*TALKS, "args"), {"time": ["day"]}))),
    "a role of another class": ([((*TALKS, "args", "speaker"), ["ana"])], "UNKNOWN_KEY", "It is one of Statement", GOOD),
    "a control character in the title": ([(("title",), "A\u0000B")], "CONTROL_CHARACTER", "the title 'A\\x00B'", GOOD),
    "a control character in an annotator": ([(("entities", 1, "by"), "A\u0001")], "CONTROL_CHARACTER", "\\x01", WITHOUT_TOM),
    "a url that is no IRI": ([(("url",), "http://x.org/a b")], "VALUE_INVALID", "the url 'http://x.org/a b'", GOOD),
    "an agent whose iri is none": ([(("agents",), {"a": {"kind": "person", "iri": "a b"}})], "VALUE_INVALID", "of the agent 'a'", GOOD),
    "an agent with a control character": ([(("agents",), {"a": {"kind": "person", "name": "A\u0000"}})], "CONTROL_CHARACTER", "the agent 'A\\x00'", GOOD),
    "a digest in capitals": ([(("sha256",), hashlib.sha256(TEXT.encode()).hexdigest().upper())], "TEXT_MISSING", "small letters", None),
    "a date in other digits": ([(("entities", 4, "value"), "２０２４-03-05")], "DATE_INVALID", "EDTF: 2017-02-08, 2017-02", changed((("entities", 4), KeyError), (("events", 0, "args", "time"), KeyError))),
    "a dangling relation": ([(("relations", 0, "target"), "peru")], "DANGLING_REFERENCE", "'peru'", WITHOUT_RELATION),
    "a relation to itself": ([(("relations", 0, "target"), "quito")], "RELATION_SELF", "itself", WITHOUT_RELATION),
    "an event as its own argument": ([((*TALKS, "args", "precedes"), ["talks"])], "RELATION_CYCLE", "own", GOOD),
    "an impossible date": ([(("entities", 4, "value"), "2024-02-30")], "DATE_INVALID", "calendar", changed((("entities", 4), KeyError), (("events", 0, "args", "time"), KeyError))),
    "an ambiguous date": ([(("entities", 4, "value"), "05/03/2024")], "DATE_INVALID", "cannot be told apart", changed((("entities", 4), KeyError), (("events", 0, "args", "time"), KeyError))),
    "a reversed interval": ([(("entities", 4, "value"), "2024-03-05/2024-03-01")], "INTERVAL_REVERSED", "Did you mean", changed((("entities", 4), KeyError), (("events", 0, "args", "time"), KeyError))),
    "an event after its report": ([(("entities", 4, "value"), "2024-03-09")], "DATE_AFTER_PUBLICATION", "planned", WITHOUT_TALKS),
    "a span in page furniture": ([((*TOM, "start"), TEXT.index("page")), ((*TOM, "end"), TEXT.index("page") + 4), ((*TOM, "text"), "page")], "FURNITURE", "furniture", WITHOUT_TOM),
    "a broken Wikidata id": ([(("entities", 1, "links"), ["wd:Q12x"])], "QID_INVALID", "wd:Q", GOOD),
    "a ref of the wrong kind": ([(("entities", 1, "ref"), "agency/tom-lee")], "REF_KIND", "person", WITHOUT_TOM),
    "a ref that is none": ([(("entities", 1, "ref"), "../x")], "REF_KIND", "segment/slug", WITHOUT_TOM),
    "a control character in a name": ([(("entities", 1, "name"), "Tom\u0000Lee")], "CONTROL_CHARACTER", "\\x00", WITHOUT_TOM),
    "half a surrogate pair": ([(("entities", 1, "name"), "Tom \ud83d")], "INVALID_UNICODE", "d83d", WITHOUT_TOM),
    "a missing date": ([(("published",), KeyError)], "DATE_MISSING", "published", None),
    "a wrong publication date": ([(("published",), "2024-13-01")], "DATE_INVALID", "published", None),
    "an attribute of a relation": ([(("relations", 0, "attrs"), {"mood": "good"})], "UNKNOWN_KEY", "attrs.mood", GOOD),
    "a value on a person": ([(("entities", 1, "value"), "tall")], "VALUE_INVALID", "has no value", GOOD),
    "a time of annotation that is none": ([(("entities", 1, "at"), "yesterday")], "DATE_INVALID", "'yesterday'", GOOD),
    "an attribute with a date after the report": ([((*TALKS, "args", "time"), KeyError), ((*TALKS, "attrs", "date"), "2024-05-01")], "DATE_AFTER_PUBLICATION", "planned", WITHOUT_TALKS),
    "an attribute with a date that is none": ([((*TALKS, "args", "time"), KeyError), ((*TALKS, "attrs", "date"), "soon")], "DATE_INVALID", "EDTF", WITHOUT_TALKS),
    "a relation that fits no target": ([(("relations", 0, "type"), "participatedIn"), (("relations", 0, "source"), "ana"), (("relations", 0, "target"), "tom")], "VALUE_INVALID", "of class Person and not Event", WITHOUT_RELATION),
    "neither text nor digest": ([(("text",), KeyError)], "TEXT_MISSING", "sha256", None),
    "a text that is not the digest's": ([(("sha256",), "0" * 64)], "TEXT_CHANGED", "SHA-256", None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_fault_has_its_code_and_the_rest_is_as_without_it(case, tmp_path, world) -> None:
    steps, code, words, remaining = CASES[case]
    faults, quads = run(raw(changed(*steps)), tmp_path, world)
    named = [f for f in faults if f.code == code]
    assert named, f"{code} is not among {[f.code for f in faults]}"
    assert words in str(named[0])
    assert "\n" not in str(named[0])
    assert report.exit_code(faults) == 1
    expected = run(encoded(remaining), tmp_path, world)[1] if remaining else b""
    assert quads == expected


HINTS = {
    "UTF-16 units": lambda: _shifted(lambda t, i: len(t[:i].encode("utf-16-le")) // 2),
    "bytes": lambda: _shifted(lambda t, i: len(t[:i].encode())),
    "normal form": lambda: _mention(at("café") | {"text": "cafe\u0301"}),
    "HTML": lambda: _mention(at("Tom Lee") | {"text": "Tom&nbsp;Lee"}),
    "Windows-1252": lambda: _mention(at("café") | {"text": "cafÃ©"}),
    "Only blanks": lambda: _mention(at("Tom Lee") | {"text": "Tom\u00a0 Lee"}),
    "quotation marks": lambda: _mention(at("on our page.") | {"text": "on our\u200b page."}),
    "Only capitals": lambda: _mention(at("Tom Lee") | {"text": "TOM LEE"}),
    "same words stand at": lambda: _mention({"start": 0, "end": 7, "text": "Tom Lee"}),
    "do not stand in the text": lambda: _mention({"start": 0, "end": 7, "text": "Thomas L"}),
}


def _mention(mention: dict) -> dict:
    return changed(((*TOM,), mention))


def _shifted(unit) -> dict:
    span = at("café")
    return _mention(
        {"start": unit(TEXT, span["start"]), "end": unit(TEXT, span["end"]), "text": "café"}
    )


@pytest.mark.parametrize("hint", HINTS)
def test_words_that_do_not_match_get_a_hint_of_their_own(hint, tmp_path, world) -> None:
    faults, _ = run(encoded(HINTS[hint]()), tmp_path, world)
    mismatch = [f for f in faults if f.code == "SURFACE_MISMATCH"]
    assert hint in mismatch[0].hint


def test_line_ends_that_changed_are_recognised(tmp_path, world) -> None:
    span = at("page")
    crlf = changed((("text",), TEXT.replace("\n", "\r\n")), (("sections",), []), (TOM, span))
    faults, _ = run(encoded(crlf), tmp_path, world)
    assert "CRLF" in next(f for f in faults if f.code == "SURFACE_MISMATCH").hint


SILENT = {
    "a discontinuous span": [((*TOM,), {"start": at("Tom")["start"], "end": at("Tom")["end"], "text": "Tom Quito", "more": [[at("Quito")["start"], at("Quito")["end"]]]})],
    "nested spans": [(("entities", 1, "mentions"), [at("Tom Lee"), at("Lee")])],
    "an uncertain date": [(("entities", 4, "value"), "2024-03~")],
    "an open date": [(("entities", 4, "value"), "../2024-03-05")],
    "an Arabic name": [(("entities", 1, "name"), "عبد الله")],
    "quotes and backslashes in a name": [(("entities", 1, "name"), 'Tom "T\\" Lee')],
    "own keys": [(("entities", 1, "attrs"), {"x-note": "anything"})],
}  # fmt: skip


@pytest.mark.parametrize("case", SILENT)
def test_what_is_valid_is_silent(case, tmp_path, world) -> None:
    faults, quads = run(encoded(changed(*SILENT[case])), tmp_path, world)
    assert [str(f) for f in faults] == []
    assert quads.count(b"\n") > 60


def test_a_byte_order_mark_is_silent_and_changes_nothing(tmp_path, world) -> None:
    assert run(b"\xef\xbb\xbf" + encoded(GOOD), tmp_path, world) == run(
        encoded(GOOD), tmp_path, world
    )


def test_a_gzipped_file_gives_the_same(tmp_path, world) -> None:
    packed = run(gzip.compress(encoded(GOOD)), tmp_path, world, "a.json.gz")
    assert packed == run(encoded(GOOD), tmp_path, world)


def test_pretty_printed_json_gives_the_same(tmp_path, world) -> None:
    pretty = json.dumps(GOOD, indent=2).encode()
    assert run(pretty, tmp_path, world) == run(encoded(GOOD), tmp_path, world)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "FILE_EMPTY", "nothing"),
        (b"\xef\xbb\xbf \n", "FILE_EMPTY", "nothing"),
        (encoded(GOOD)[:200], "JSON_SYNTAX", "a.json:1:"),
        (b'{"acuerdo": 1, "id": "x", }', "JSON_SYNTAX", "a.json:1:"),
        (b"[1, 2]", "JSON_SYNTAX", "object"),
        (b"[" + encoded(GOOD) + b"]", "JSON_SYNTAX", "one article a file"),
        (encoded(GOOD) * 2, "JSON_SYNTAX", "extra data. A file holds one document"),
        (b"[" * 200_000, "JSON_SYNTAX", "deep"),
        (encoded(GOOD).replace(b'"2024-03-06"', b"NaN"), "JSON_SYNTAX", "NaN"),
        (encoded(GOOD).replace("café".encode(), b"caf\xe9"), "ENCODING", "byte"),
        (json.dumps(GOOD).encode("utf-16"), "ENCODING", "UTF-16"),
        (json.dumps(GOOD).encode("utf-16-le"), "ENCODING", "UTF-16"),
        (json.dumps(GOOD).encode("utf-32"), "ENCODING", "UTF-32"),
        (encoded(GOOD).replace("😀".encode(), b"\xed\xa0\xbd\xed\xb8\x80"), "ENCODING", "CESU-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0" + bytes(range(256)), "ENCODING", "no text"),
        (encoded(GOOD).replace(b'"id": "quito-2024"', b'"id": "a", "id": "b"'), "JSON_DUPLICATE_KEY", "'id' twice"),
    ],
    ids="empty blank truncated comma list array two deep nan latin-1 utf-16 unmarked utf-32 cesu binary twice".split(),
)  # fmt: skip
def test_a_file_that_cannot_be_decoded_is_one_line(data, code, words, tmp_path, world) -> None:
    faults, quads = run(data, tmp_path, world)
    assert [f.code for f in faults] == [code]
    assert words in str(faults[0])
    assert quads == b""


def test_a_key_twice_deep_in_an_annotation_drops_that_annotation(tmp_path, world) -> None:
    raw = encoded(GOOD).replace(b'"name": "Tom Lee"', b'"name": "Tom Lee", "name": "Tim Lee"')
    faults, quads = run(raw, tmp_path, world)
    assert "JSON_DUPLICATE_KEY" in {f.code for f in faults}
    assert quads == run(encoded(WITHOUT_TOM), tmp_path, world)[1]


def test_a_key_twice_is_found_where_escaped_quotes_make_up_for_its_own(tmp_path, world) -> None:
    twice = b'"name": "Tom", "name": "' + rb"\u0022" * 4 + b'"'
    faults, quads = run(encoded(GOOD).replace(b'"name": "Tom Lee"', twice), tmp_path, world)
    assert "JSON_DUPLICATE_KEY" in {f.code for f in faults}
    assert quads == run(encoded(WITHOUT_TOM), tmp_path, world)[1]


def test_a_broken_line_in_json_lines_is_named_and_the_rest_goes_on(tmp_path, world) -> None:
    other = changed((("id",), "other"))
    lines = b"\n".join([encoded(GOOD), b'{"acuerdo": 1, oops', encoded(other)])
    faults, quads = run(lines, tmp_path, world, "a.jsonl")
    assert [(f.code, f.line) for f in faults] == [("JSON_SYNTAX", 2)]
    assert b"article/other>" in quads
    assert b"article/quito-2024>" in quads


def test_what_is_no_article_is_named_with_its_line(tmp_path, world) -> None:
    data = encoded(GOOD).replace(b"\n", b" ") + b'\n[1]\n{"acuerdo": 2}\n'
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    faults = [str(f) for r in read.articles([path]) for f in r.faults]
    assert [f.removeprefix(str(path)).split(":")[1] for f in faults] == ["2", "3"]


def test_the_same_local_ids_in_two_articles_are_two_things(tmp_path, world) -> None:
    lines = b"\n".join([encoded(GOOD), encoded(changed((("id",), "other")))])
    _, quads = run(lines, tmp_path, world, "a.jsonl")
    assert b"article/quito-2024/entity/ana>" in quads
    assert b"article/other/entity/ana>" in quads


def test_an_unreadable_or_broken_archive_is_one_line(tmp_path, world) -> None:
    faults, _ = run(gzip.compress(encoded(GOOD))[:90], tmp_path, world, "a.json.gz")
    assert [f.code for f in faults] == ["FILE_UNREADABLE"]


def test_a_cycle_is_cut_where_it_closes(tmp_path, world) -> None:
    circle = changed(
        (("relations",), [
            {"id": "a", "type": "within", "source": "quito", "target": "ecuador"},
            {"id": "b", "type": "within", "source": "ecuador", "target": "quito"},
        ])
    )  # fmt: skip
    faults, quads = run(encoded(circle), tmp_path, world)
    assert [(f.code, f.annotation) for f in faults] == [("RELATION_CYCLE", "b")]
    assert quads.count(b"ns#within>") == 1


def test_events_that_precede_each_other_lose_the_argument_that_closes_the_circle(
    tmp_path, world
) -> None:
    circle = changed(
        ((*TALKS, "args", "precedes"), ["said"]), (("events", 1, "args", "precedes"), ["talks"])
    )  # fmt: skip
    faults, quads = run(encoded(circle), tmp_path, world)
    assert [(f.code, f.annotation) for f in faults] == [("RELATION_CYCLE", "said")]
    assert quads.count(b"ns#precedes>") == 1


def test_untrusted_words_are_shown_escaped_and_cut(tmp_path, world) -> None:
    nasty = changed((("entities", 1, "type"), "\u202eX\u001b[31m" + "y" * 500))
    faults, _ = run(json.dumps(nasty).encode(), tmp_path, world)
    line = str(next(f for f in faults if f.code == "UNKNOWN_TYPE"))
    assert "\u202e" not in line
    assert "\x1b" not in line
    assert len(line) < 250 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("date_basis",), "stated\n\x1b[31m" + "z" * 500),
        (("events", 0, "attrs"), {"k\n\u202e" + "z" * 5000: {"twice": 1}}),
        (("events", 0, "args"), {"k\n\u202e" + "z" * 500: ["ana"]}),
        (("sections", 0, "kind"), "\u202e\n" + "z" * 500),
    ],
    ids=["value", "key above a repeated one", "role", "section"],
)
def test_keys_and_values_of_others_keep_a_fault_on_one_short_line(
    place, value, tmp_path, world
) -> None:
    data = json.dumps(changed((place, value))).replace('"twice": 1', '"twice": 1, "twice": 2')
    faults, _ = run(data.encode(), tmp_path, world)
    line = str(faults[0]).removeprefix(str(tmp_path))
    assert line.isprintable()
    assert len(line) < 250


def test_the_byte_of_a_wrong_encoding_counts_from_the_start_of_the_file(tmp_path, world) -> None:
    other = encoded(changed((("id",), "other"))).replace("é".encode(), b"\xe9")
    data = b"\xef\xbb\xbf" + encoded(GOOD) + b"\n" + other
    faults, _ = run(data, tmp_path, world, "a.jsonl")
    assert [(f.code, f.line, f.byte) for f in faults] == [("ENCODING", 2, data.index(b"\xe9"))]
    assert f":2:byte {data.index(bytes([0xE9]))}: ENCODING" in str(faults[0])


def test_ids_that_would_break_an_iri_are_encoded_and_named(tmp_path, world) -> None:
    text = json.dumps(GOOD).replace('"tom"', json.dumps('to m> <"}'))
    faults, quads = run(text.encode(), tmp_path, world)
    assert {f.code for f in faults} == {"IRI_UNSAFE_ID"}
    assert b"entity/to%20m%3E%20%3C%22%7D>" in quads


@pytest.mark.parametrize("ident", [".", ".."])
def test_an_id_that_leads_elsewhere_in_a_path_is_written_otherwise(ident, tmp_path, world) -> None:
    text = json.dumps(GOOD).replace('"tom"', json.dumps(ident))
    faults, quads = run(text.encode(), tmp_path, world)
    assert {f.code for f in faults} == {"IRI_UNSAFE_ID"}
    assert f"/entity/{ident}~".encode() in quads
    assert f"/entity/{ident}>".encode() not in quads


def test_text_attached_by_digest_is_checked_like_text_inside(tmp_path, world) -> None:
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    without = changed((("text",), KeyError), (("sha256",), digest))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "any-name.txt").write_text(TEXT, encoding="utf-8", newline="")
    path = tmp_path / "a.json"
    path.write_bytes(encoded(without))
    from acuerdo.read import texts

    found = next(iter(read.articles([path], texts.index([tmp_path / "texts"]))))
    assert found.article is not None
    assert found.article.text == TEXT


def test_at_most_twenty_lines_a_file_and_code_and_then_how_many_more() -> None:
    faults = [report.Fault("UNKNOWN_TYPE", f"s{i}.", "h.", file="f") for i in range(25)]
    shown = list(report.lines(faults))
    assert len(shown) == 21
    assert shown[-1] == "f: UNKNOWN_TYPE: and 5 more"


SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSONISH = st.recursive(SCALAR, lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=8), c, max_size=3), max_leaves=8)  # fmt: skip


def _paths(node, here=()) -> list[tuple]:
    found = [here] if here else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += _paths(value, (*here, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += _paths(value, (*here, index))
    return found


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(path=st.sampled_from(_paths(GOOD)), value=JSONISH)
def test_any_value_in_any_place_gives_faults_or_quads_never_an_error(
    path, value, tmp_path, world
) -> None:
    raw = json.dumps(changed((path, value))).encode()
    faults, quads = run(raw, tmp_path, world)
    assert all(report.level(f.code) for f in faults)
    assert quads or faults
