"""Files made to do harm are refused with their name, in little time and memory; the rest is read."""

import gzip
import io
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import test_readers as samples
from acuerdo import read
from acuerdo.read import Reading, detect

GOOD = json.dumps(samples.DOCCANO["triples"])


def codes(path: Path, **options) -> list[str]:
    reading = Reading(published="2020-01-01", **options)
    return [f.code for r in read.articles([path], reading=reading) for f in r.faults]


def zipped(path: Path, *members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name",
    ["../evil.jsonl", "/etc/evil.jsonl", "a/../../evil.jsonl", "C:\\evil.jsonl", "..\\evil.jsonl"],
)
def test_a_member_that_leads_out_of_its_archive_is_refused_and_the_rest_read(tmp_path, name):
    path = zipped(tmp_path / "a.zip", (name, GOOD), ("ana.jsonl", GOOD))
    found = list(read.articles([path], reading=Reading(published="2020-01-01")))
    assert [f.code for r in found for f in r.faults] == ["FILE_UNREADABLE"]
    assert len([r for r in found if r.article]) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path):
    info = zipfile.ZipInfo("a.jsonl")
    info.external_attr = 0o120777 << 16
    assert codes(zipped(tmp_path / "a.zip", (info, "/etc/passwd"))) == ["FILE_UNREADABLE"]


def test_links_out_of_a_folder_and_circles_are_passed_over(tmp_path):
    outside = tmp_path / "outside.jsonl"
    outside.write_text(GOOD)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ana.jsonl").write_text(GOOD)
    (folder / "out.jsonl").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "self.jsonl").symlink_to("self.jsonl")
    assert (
        len(
            [
                r
                for r in read.articles([folder], reading=Reading(published="2020-01-01"))
                if r.article
            ]
        )
        == 1
    )


def test_a_folder_that_may_not_be_looked_into_is_named_and_the_rest_read(tmp_path, monkeypatch):
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "in" / "ana.jsonl").write_text(GOOD)
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(read.articles([tmp_path / "in"], reading=Reading(published="2020-01-01")))
    faults = [f for r in found for f in r.faults]
    assert [(f.code, Path(f.file).name) for f in faults] == [("FILE_UNREADABLE", "closed")]
    assert len([r for r in found if r.article]) == 1


def test_bombs_are_refused_before_they_unpack(tmp_path):
    zeros = b" " * (40 << 20)
    bomb = zipped(tmp_path / "bomb.zip", ("a.jsonl", zeros), ("ana.jsonl", GOOD))
    assert codes(bomb) == ["FILE_UNREADABLE"]
    packed = tmp_path / "bomb.jsonl.gz"
    packed.write_bytes(gzip.compress(b" " * (200 << 20)))
    assert codes(packed) == ["FILE_UNREADABLE"]
    inner = io.BytesIO()
    for depth in range(5):
        nested = io.BytesIO()
        with zipfile.ZipFile(nested, "w") as archive:
            archive.writestr(f"{depth}.zip" if depth else "a.jsonl", inner.getvalue() or GOOD)
        inner = nested
    deep = tmp_path / "deep.zip"
    deep.write_bytes(inner.getvalue())
    assert codes(deep)[0] == "FILE_UNREADABLE"


def test_a_lying_archive_and_a_cut_one_are_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", ("ana.jsonl", GOOD * 50))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert codes(path)[0] == "FILE_UNREADABLE"
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(GOOD.encode())[:-9])
    assert codes(cut) == ["FILE_UNREADABLE"]


LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><xmi:XMI xmlns:xmi="http://www.omg.org/XMI">&b;</xmi:XMI>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><NAF><raw>&a;</raw></NAF>'


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        OUTSIDE,
        "<NAF>" + "<a>" * 5000 + "</a>" * 5000 + "</NAF>",
        "<NAF><raw>x</raw>",
        "<NAF>&nope;</NAF>",
    ],
    ids=["laughs", "outside", "deep", "cut", "undeclared"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_dangerous_xml_is_refused(tmp_path, text, encoding):
    path = tmp_path / "a.xmi"
    path.write_bytes(text.encode(encoding))
    found = codes(path, format="naf")
    assert found in (["FILE_UNREADABLE"], ["ENCODING"])


@pytest.mark.parametrize("encoding", ["cp037", "utf-16-le", "koi8-r"])
def test_an_encoding_does_not_hide_what_xml_declares(tmp_path, encoding):
    path = tmp_path / "a.xmi"
    head, body = f'<?xml version="1.0" encoding="{encoding}"?>', LAUGHS.partition("?>")[2]
    path.write_bytes(head.encode() + body.encode(encoding))
    assert codes(path, format="uima-xmi") in (["FILE_UNREADABLE"], ["ENCODING"])


@pytest.mark.parametrize("suffix", ["json", "jsonl", "bdocjs"])
@pytest.mark.parametrize(
    "opening", ["[", '{"text":', '{"label":[', '{"id":1,"data":{"text":"x"},"annotations":[']
)
def test_depth_bombs_are_refused(tmp_path, suffix, opening):
    path = tmp_path / f"a.{suffix}"
    path.write_text(opening * 100_000)
    before = time.monotonic()
    assert codes(path)[0] in {"JSON_SYNTAX", "FILE_UNREADABLE"}
    assert time.monotonic() - before < 5


def test_a_ten_megabyte_line_is_normal_and_one_above_64_is_refused(tmp_path):
    path = tmp_path / "ana.jsonl"
    path.write_text(
        json.dumps({"id": 1, "text": "Barr " * (2 << 20), "label": [[0, 4, "PER"]]}) + "\n"
    )
    assert codes(path) == []
    with path.open("w") as stream:
        stream.write(GOOD + "\n" + '{"id": 2, "text": "')
        for _ in range(66):
            stream.write("x" * (1 << 20))
        stream.write('", "label": []}\n')
    assert codes(path) == ["JSON_SYNTAX"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (GOOD.encode("utf-16"), "ENCODING"),
        (json.dumps({"id": 1, "text": "café", "label": []}, ensure_ascii=False).encode("latin-1"), "ENCODING"),
        (b'{"id": 1, "text": "a", "label": [], "label": []}', "JSON_DUPLICATE_KEY"),
        (b'{"id": 1, "text": "a", "label": [[NaN, 2, "PER"]]}', "JSON_SYNTAX"),
        (b'{"id": 1, "text": "\\ud83d", "label": []}', "INVALID_UNICODE"),
        (b'{"id": 1, "text": "a", "label": [], "x": [' + b"9" * 5000 + b"]}", "VALUE_INVALID"),
        (b'{"id": 1, "text": "a", "label": [], "x": -1e999}', "VALUE_INVALID"),
        (b'{"id": 1, "text": "abc", "label": [[0, 2.0, "PER"]]}', "OFFSET_TYPE"),
        (b'{"id": 1, "text": "abc", "label": [[true, 2, "PER"]]}', "OFFSET_TYPE"),
        (b'{"id": 1, "text": "abc", "label": [["0", 2, "PER"]]}', "OFFSET_TYPE"),
        (b'{"id": 1, "text": "abc", "label": [[-1, 2, "PER"]]}', "OFFSET_OUT_OF_RANGE"),
        (b'{"id": 1, "text": "abc", "label": [[0, 99, "PER"]]}', "OFFSET_OUT_OF_RANGE"),
        (b'{"id": 1, "text": "abc", "label": [[2, 1, "PER"]]}', "SPAN_REVERSED"),
        (b'{"id": 1, "text": "abc", "label": [[1, 1, "PER"]]}', "SPAN_EMPTY"),
        (b'{"id": 1, "text": "", "label": []}', "TEXT_MISSING"),
        (b'{"id": 1, "text": "a\\u0000bc", "label": [[0, 3, "PER"]]}', "CONTROL_CHARACTER"),
    ],
)  # fmt: skip
def test_a_fault_has_the_same_code_in_every_format(tmp_path, data, code):
    path = tmp_path / "ana.jsonl"
    path.write_bytes(data)
    assert codes(path, format="doccano") == [code]


def test_the_good_rest_is_as_if_the_bad_had_never_been(tmp_path):
    good = [samples.DOCCANO["entities"] | {"id": n} for n in (1, 2, 3)]
    clean = samples.dump(tmp_path / "x.jsonl", *good, lines=True)
    expected = [r.article for r in read.articles([clean], reading=Reading(published="2020-01-01"))]
    bad = good[1]["entities"] + [
        {"id": 99, "start_offset": 5, "end_offset": 1, "label": "PER"},
        {"id": 98, "start_offset": 0, "end_offset": 4, "label": "Nobody knows"},
    ]
    lines = [
        json.dumps(good[0]),
        "{broken",
        json.dumps(good[1] | {"entities": bad}),
        '{"id": 7}',
        json.dumps(good[2]),
    ]
    dirty = tmp_path / "d" / "x.jsonl"
    dirty.parent.mkdir()
    dirty.write_text("\n".join(lines))
    found = list(read.articles([dirty], reading=Reading(published="2020-01-01")))
    assert [r.article for r in found if r.article] == expected
    assert sorted(f.code for r in found for f in r.faults) == [
        "JSON_SYNTAX",
        "SPAN_REVERSED",
        "TEXT_MISSING",
        "UNKNOWN_TYPE",
    ]


@pytest.mark.slow
def test_hostile_files_stay_below_a_gigabyte(tmp_path):
    (tmp_path / "bomb.jsonl.gz").write_bytes(gzip.compress(b" " * (900 << 20), 1))
    zipped(tmp_path / "b.zip", ("a.json", b"[" * (30 << 20)))
    (tmp_path / "deep.json").write_bytes(b"[" * (20 << 20))
    (tmp_path / "e.xmi").write_text(LAUGHS)
    code = "import sys, pathlib; from acuerdo import read; print(len(list(read.articles([pathlib.Path(sys.argv[1])]))))"
    before = time.monotonic()
    limit = 1 << 30
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60, capture_output=True, env={**os.environ, "PYTHONPATH": "src"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert time.monotonic() - before < 20


# -- fuzz --------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 99) | st.floats() | st.text(max_size=6) | st.sampled_from([samples.TEXT, "PER", "Meet", "r1", 10**30, "1", "0", "../x", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("id text label labels entities relations start end type value begin span obj subj pred result data from_id to_id target selector body name features annotations cyberevent hopper events argument nugget role index paragraphs sentences tokens orth ner".split()), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
SEEDS = {
    "label-studio": [samples.task(samples.annotation(*samples.RESULTS))],
    "doccano": samples.DOCCANO["entities"],
    "prodigy": [samples.SPANS_OF["prodigy"], {"id": 1, "paragraphs": [{"raw": "Barr left.", "sentences": [{"tokens": [{"orth": "Barr", "ner": "U-PER", "space": " "}, {"orth": "left", "ner": "O"}]}]}]}],
    "uima-json": samples.json_cas(),
    "pubannotation": samples.PUB,
    "casie": samples.CASIE,
    "gate": {"text": samples.TEXT, "annotation_sets": {"": {"annotations": [{"type": "Person", "start": 0, "end": 4, "id": 1, "features": {"a": 1}}]}}, "offset_type": "p"},
    "webannotation": [samples.web("#a", "William Barr", samples.TAG | {"value": "Person"})],
}  # fmt: skip


def places(tree, path=()):
    yield path
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from places(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from places(value, (*path, index))


def replaced(tree, path, value):
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = replaced(tree[path[0]], path[1:], value)
    return copy


def assert_reads(data: bytes, suffix: str, form: str, folder: Path) -> None:
    path = folder / f"f.{suffix}"
    path.write_bytes(data)
    (folder / "f.txt").write_text(samples.TEXT)
    for one in read.articles(
        [path], reading=Reading(format=form, published="2020-01-01", repair=len(data) % 2 == 0)
    ):
        for fault in one.faults:
            assert str(fault)
        assert one.article is not None or one.faults


def fuzzed(form: str, examples: int):
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def run(folder, data):
        tree = SEEDS[form]
        for _ in range(data.draw(st.integers(1, 3))):
            tree = replaced(tree, data.draw(st.sampled_from(list(places(tree)))), data.draw(VALUES))
        assert_reads(json.dumps(tree).encode("utf-8", "surrogatepass"), "json", form, folder)

    return run


TEXTUAL = {
    "spacy": ("spacy", (Path(__file__).parent / "formats" / "two.spacy").read_bytes()),
    "brat": ("ann", samples.ANN.encode()),
    "uima-xmi": ("xmi", samples.XMI.encode()),
    "nif": ("ttl", samples.NIF.encode()),
    "naf": ("naf", samples.naf().encode()),
    "conll": ("conll", b"-DOCSTART- -X- O O\n\nWilliam NNP B-PER\nBarr NNP I-PER\n\nleft VBD O\n"),
}


def garbled(form: str, examples: int):
    suffix, seed = TEXTUAL[form]

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def run(folder, data):
        made = bytearray(seed)
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(made)))
            end = min(len(made), start + data.draw(st.integers(0, 12)))
            made[start:end] = data.draw(
                st.binary(max_size=6)
                | st.sampled_from(
                    [
                        b"\t",
                        b"T1",
                        b"E1:",
                        b"-1",
                        b"99999999999999999999",
                        b"\n",
                        b'"',
                        b"<",
                        b"&#0;",
                        b" 0 4;",
                    ]
                )
            )
        assert_reads(bytes(made), suffix, form, folder)

    return run


@pytest.mark.parametrize("form", SEEDS)
def test_no_json_makes_a_reader_fail(form, tmp_path):
    fuzzed(form, 25)(tmp_path)


@pytest.mark.parametrize("form", TEXTUAL)
def test_no_bytes_make_a_reader_fail(form, tmp_path):
    garbled(form, 40)(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("form", [*SEEDS, *TEXTUAL])
def test_readers_stand_long_fuzzing(form, tmp_path):
    (fuzzed if form in SEEDS else garbled)(form, 250)(tmp_path)


def test_every_format_is_fuzzed():
    assert set(SEEDS) | set(TEXTUAL) == set(detect.FORMATS)


@pytest.mark.slow
def test_a_minute_of_coverage_guided_fuzzing_finds_no_traceback(tmp_path):
    pytest.importorskip("atheris")
    code = """
import pathlib, sys, atheris
with atheris.instrument_imports(include=["acuerdo.read"]):
    from acuerdo import read
    from acuerdo.read import Reading, detect
folder = pathlib.Path(sys.argv.pop(1))
names = sorted(detect.FORMATS)
def one(data):
    if len(data) < 2:
        return
    form = names[data[0] % len(names)]
    path = folder / f"f.{detect.FORMATS[form].suffixes[0]}"
    path.write_bytes(data[1:])
    for found in read.articles([path], reading=Reading(format=form, published="2020-01-01")):
        [str(fault) for fault in found.faults]
atheris.Setup(sys.argv, one)
atheris.Fuzz()
"""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    names = sorted(detect.FORMATS)
    for name, tree in SEEDS.items():
        (seeds / name).write_bytes(bytes([names.index(name)]) + json.dumps(tree).encode())
    for name, (_, data) in TEXTUAL.items():
        (seeds / name).write_bytes(bytes([names.index(name)]) + data)
    (tmp_path / "f.txt").write_text(samples.TEXT)
    (tmp_path / "fuzz.py").write_text(code)
    # The fuzzer bounds its peak resident set, which a process takes over from the one that
    # started it: here pytest, after a thousand tests. The shell between them starts small.
    done = subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, str(tmp_path / "fuzz.py"), str(tmp_path), str(seeds), "-max_total_time=60", "-rss_limit_mb=1024", "-timeout=5", "-max_len=4096", f"-artifact_prefix={tmp_path}/"],
        check=False, capture_output=True, timeout=200, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]


@pytest.mark.parametrize("events", [{}, {"cyberevent": None}, {"cyberevent": {"hopper": 7}}])
def test_a_casie_document_without_events_is_an_article_without_events(events, tmp_path):
    path = tmp_path / "d.json"
    path.write_text(json.dumps({"sourcefile": "d.txt", "content": "Nothing was done.", **events}))
    (found,) = read.articles([path], reading=Reading(format="casie", published="2020-01-01"))
    assert (found.article.events, found.faults) == ((), ())
