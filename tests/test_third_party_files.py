"""What files of public corpora and of tools hold that no sample of ours did; each here is made up in the shape of one."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.cli import acuerdo
from test_readers import (
    CASIE,
    RESULTS,
    TAG,
    TEXT,
    XMI,
    annotation,
    at,
    brat,
    codes,
    dump,
    json_cas,
    naf,
    one,
    readings,
    region,
    task,
    web,
)


def kinds(article) -> list[tuple[str, str]]:
    return [(e.type, e.mentions[0].text) for e in article.entities]


def run(*args: object):
    return CliRunner().invoke(acuerdo, [str(a) for a in args])


# -- JSON of no format, or of one that was not known -----------------------------------------------


@pytest.mark.parametrize(
    "tree",
    [{"doc_key": "a", "sentences": [["Barr"]]}, {"id": 5, "label": 2, "text": "Barr", "prob": 0.5}],
    ids=["tokens of a corpus", "numbered categories"],
)
def test_json_of_no_known_format_is_said_to_be_so(tmp_path, tree):
    found = readings(dump(tmp_path / "a.json", tree))
    assert codes(found) == ["FILE_UNREADABLE"]
    assert f"'{next(iter(tree))}'" in found[0].faults[0].sentence
    assert "--from" in found[0].faults[0].hint


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.conll", "0 Barr NNP (PERSON)\n1 met VBD *\n", "IOB tags"),
        ("a.csv", "id,text\n", ".csv"),
        ("a.html", "<p>", ".html"),
    ],
)
def test_a_named_file_of_another_kind_is_refused_by_its_kind(tmp_path, name, data, sentence):
    path = tmp_path / name
    path.write_text(data)
    found = readings(path)
    assert codes(found) == ["FILE_UNREADABLE"]
    assert sentence in found[0].faults[0].sentence


# -- Label Studio ----------------------------------------------------------------------------------

POLYGON = {"id": "p", "type": "polygonlabels", "from_name": "label", "to_name": "image", "original_width": 9, "original_height": 9,
           "value": {"closed": True, "points": [[1, 2], [3, 4]], "polygonlabels": ["Airplane"]}}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "result"),
    [({"image": "/data/upload/29/example.png"}, POLYGON), ({"text": "https://example.org/a.txt"}, region("r1", "William Barr", "PER"))],
    ids=["an image", "a text elsewhere"],
)  # fmt: skip
def test_label_studio_takes_no_link_for_the_text(tmp_path, data, result):
    found = readings(
        dump(tmp_path / "a.json", [{"id": 1, "data": data, "annotations": [annotation(result)]}])
    )
    assert codes(found) == ["TEXT_MISSING"]
    assert "link" in found[0].faults[0].sentence


def test_label_studio_regions_of_an_image_beside_the_text_are_named(tmp_path):
    bare = {"id": "k", "type": "keypoint", "from_name": "k", "to_name": "image", "value": {"x": 1, "y": 2}}  # fmt: skip
    tree = task(annotation(POLYGON, bare, *RESULTS), image="https://example.org/a.png")
    article, faults = one(dump(tmp_path / "a.json", [tree]))
    assert [(f.code, f.annotation) for f in faults] == [("VALUE_INVALID", "p"), ("VALUE_INVALID", "k")]  # fmt: skip
    assert (article.text, dict(article.attrs)) == (TEXT, {})
    assert len(article.entities) == 2


def test_a_tweet_that_is_only_an_address_is_text_where_a_region_quotes_it(tmp_path):
    url = "https://example.org/Barr"
    tree = task(annotation(region("r1", "Barr", "PER", url)), text=url)
    article, faults = one(dump(tmp_path / "a.json", [tree]))
    assert (article.text, faults) == (url, [])


def test_the_oldest_short_form_of_label_studio_is_refused_too(tmp_path):
    start, end = at("William Barr")
    spans = [{"start": start, "end": end, "text": "William Barr", "labels": ["Name"]}]
    found = readings(dump(tmp_path / "a.json", [{"id": 5297, "Full_Text": TEXT, "label": spans}]))
    assert codes(found) == ["FILE_UNREADABLE"]
    assert "JSON-MIN" in found[0].faults[0].sentence


# -- doccano, Prodigy, spaCy -----------------------------------------------------------------------


def test_doccano_categories_are_kept_beside_the_article(tmp_path):
    path = dump(
        tmp_path / "all.jsonl",
        *({"id": n, "text": TEXT, "label": ["news", "talks"]} for n in (1, 2)),
        lines=True,
    )
    found = readings(path)
    assert codes(found) == []
    assert [r.article.attrs for r in found] == [{"x-category": ("news", "talks")}] * 2


def test_doccanos_first_json_names_document_and_user_in_each_line(tmp_path):
    lines = [{"doc_id": 23, "text": TEXT, "entities": [[*at("William Barr"), "PER"]], "username": user} for user in ("ana", "ben")]  # fmt: skip
    path = dump(tmp_path / "all.json", *lines, lines=True)
    assert codes(readings(path)) == ["LAYERS"]
    article, faults = one(path, annotator="ben")
    assert (faults, kinds(article)) == ([], [("Person", "William Barr")])
    assert article.entities[0].by == "ben"


def test_doccano_files_that_number_other_texts_alike_are_no_layers(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in (("ana", TEXT), ("ben", TEXT), ("gaza", "Barr left.")):
        dump(
            folder / f"{name}.jsonl", {"id": 1, "text": text, "label": [[0, 4, "PER"]]}, lines=True
        )
    found = readings(folder)
    assert codes(found) == ["LAYERS"]
    assert [r.article.id for r in found if r.article] == ["gaza-1"]


def test_a_doccano_export_that_lost_its_spans_is_named(tmp_path):
    path = dump(tmp_path / "all.jsonl", {"id": 1, "data": TEXT, "label": ["entities"]})
    article, faults = one(path)
    assert [f.code for f in faults] == ["VALUE_INVALID"]
    assert article.attrs == {}


def test_prodigy_examples_that_nobody_annotated_are_articles_without_annotations(tmp_path):
    path = dump(
        tmp_path / "a.jsonl",
        *({"text": TEXT, "meta": {"source": "a corpus"}} for _ in range(2)),
        lines=True,
    )
    found = readings(path)
    assert codes(found) == []
    assert [(r.article.text, r.article.entities) for r in found] == [(TEXT, ())] * 2


def test_prodigy_categories_are_kept_beside_the_article(tmp_path):
    tree = {"text": TEXT, "label": "POLITICS", "answer": "accept", "_input_hash": 1}
    article, faults = one(dump(tmp_path / "a.jsonl", tree))
    assert (article.attrs, faults) == ({"x-category": "POLITICS"}, [])


def token(word: str, tag: str = "O", **more) -> dict:
    return {"orth": word, "tag": "NNP", "ner": tag, **more}


SPACY_TOKENS = [
    token("Barr", "U-PERSON"),
    token("is", space=""),
    token("n't", "-"),
    token("in"),
    token("Mexico", "B-GPE"),
    token("City", "L-GPE", space=""),
    token("."),
]


@pytest.mark.parametrize("raw", [None, "Barr isn't  in Mexico City.", "other words"])
def test_spacys_training_json_is_read_by_its_tokens(tmp_path, raw):
    first = {"sentences": [{"tokens": SPACY_TOKENS, "brackets": []}]} | (
        {"raw": raw} if raw else {}
    )
    second = {"sentences": [{"tokens": [token("Ebrard", "U-PERSON"), token("left")]}]}
    path = dump(tmp_path / "train.json", [{"id": 7, "paragraphs": [first, second]}])
    article, faults = one(path)
    assert faults == []
    assert kinds(article) == [("Person", "Barr"), ("Jurisdiction", "Mexico City"), ("Person", "Ebrard")]  # fmt: skip
    expected = raw if raw and "Barr" in raw else "Barr isn't in Mexico City."
    assert article.text == f"{expected}\n\nEbrard left"


# -- PubAnnotation, GATE ---------------------------------------------------------------------------


def test_a_denotation_without_id_takes_none_that_another_has(tmp_path):
    spans = [{"span": dict(zip(("begin", "end"), at(w), strict=True)), "obj": "Person"} for w in ("Marcelo Ebrard", "William Barr")]  # fmt: skip
    tree = {"text": TEXT, "denotations": [spans[0], spans[1] | {"id": "T1"}]}
    article, faults = one(dump(tmp_path / "a.json", tree))
    assert (faults, [e.id for e in article.entities]) == ([], ["T2", "T1"])


def test_an_empty_track_is_no_annotator(tmp_path):
    begin, end = at("William Barr")
    said = {"project": "http://pubannotation.org/projects/a", "denotations": [{"id": "T1", "span": {"begin": begin, "end": end}, "obj": "Person"}]}  # fmt: skip
    article, faults = one(dump(tmp_path / "a.json", {"text": TEXT, "tracks": [said, {}]}))
    assert (faults, kinds(article)) == ([], [("Person", "William Barr")])


def gate(*annotations: dict) -> dict:
    return {"text": TEXT, "features": {}, "offset_type": "p", "name": "a", "annotation_sets": {"ANNIE": {"name": "ANNIE", "annotations": list(annotations)}}}  # fmt: skip


def gate_annotation(ident: int, label: str, words: str, **features) -> dict:
    start, end = at(words)
    return {"type": label, "start": start, "end": end, "id": ident, "features": features}


def test_gate_matches_are_one_referent_and_its_rules_nothing(tmp_path):
    found = [
        gate_annotation(3, "Person", "William Barr", matches=[3, 5], rule="GazPerson", ruleFinal="F"),
        gate_annotation(5, "Person", "Barr", matches=[3, 5]),
        gate_annotation(6, "Token", "met", string="met"),
    ]  # fmt: skip
    article, faults = one(dump(tmp_path / "a.bdocjs", gate(*found)))
    assert faults == []
    assert [(e.id, [m.text for m in e.mentions]) for e in article.entities] == [
        ("3", ["William Barr", "Barr"])
    ]


def test_a_feature_named_like_a_link_between_things_is_no_attribute(tmp_path):
    path = dump(tmp_path / "a.bdocjs", gate(gate_annotation(3, "Person", "Barr", kind="fullName")))
    article, faults = one(path)
    assert [(f.code, "kind=fullName" in f.sentence) for f in faults] == [("UNKNOWN_TYPE", True)]
    assert article.entities[0].attrs == {}


# -- UIMA ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xmi", "json"])
def test_layers_of_document_metadata_are_the_articles(tmp_path, form):
    if form == "xmi":
        layer = '<custom:Source xmi:id="900" sofa="12" published="2019-12-05" title="A title" desk="foreign"/>'
        path = tmp_path / "a.xmi"
        path.write_text(XMI.replace("<cas:Sofa ", layer + "<cas:Sofa ", 1))
    else:
        tree = json_cas()
        tree["%FEATURE_STRUCTURES"].append({"%ID": 900, "%TYPE": "custom.Source", "@sofa": 12, "published": "2019-12-05", "title": "A title", "desk": "foreign"})  # fmt: skip
        path = dump(tmp_path / "a.json", tree)
    article, _ = one(path)
    assert (article.published, article.title, article.attrs) == ("2019-12-05", "A title", {"x-desk": "foreign"})  # fmt: skip


# -- NAF -------------------------------------------------------------------------------------------

COREF = '<coreferences><coref id="c1" type="entity"><span><target id="t1"/><target id="t2"/></span><span><target id="t2"/></span></coref></coreferences></NAF>'
SECOND = '<predicate id="pr2"><externalReferences><externalRef resource="ESO" reference="Meeting"/></externalReferences><span><target id="t7"/></span>{}</predicate></srl>'
ROLE = '<role id="r9" semRole="{}"><span>{}</span></role>'


def naf_file(folder: Path, *replaced: tuple[str, str]) -> Path:
    text = naf()
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    path = folder / "a.naf"
    path.write_text(text)
    return path


def test_naf_mentions_that_only_coreference_knows_are_the_entitys(tmp_path):
    article, faults = one(naf_file(tmp_path, ("</NAF>", COREF)))
    assert faults == []
    assert [m.text for m in article.entities[0].mentions] == ["William Barr", "Barr"]


def test_naf_predicates_of_one_coreference_set_are_one_event(tmp_path):
    both = '<coreferences><coref id="c1" type="event"><span><target id="t3"/></span><span><target id="t7"/></span></coref></coreferences></NAF>'
    where = ROLE.format("Place", '<target id="t5"/><target id="t6"/>')
    path = naf_file(tmp_path, ("</srl>", SECOND.format(where)), ("</NAF>", both))
    article, faults = one(path)
    assert faults == []
    (event,) = article.events
    assert [m.text for m in event.mentions] == ["met", "on"]
    assert event.args == {"participant": ("e1",), "venue": ("e2",)}


def test_naf_role_of_another_predicate_is_an_event_as_argument(tmp_path):
    role = ROLE.format("followUpOf", '<target id="t3"/>')
    article, faults = one(naf_file(tmp_path, ("</srl>", SECOND.format(role))))
    assert faults == []
    assert article.events[1].args == {"followUpOf": ("pr1",)}


def test_naf_role_whose_words_are_no_thing_keeps_them_beside_the_event(tmp_path):
    role = ROLE.format("A2", '<target id="t4"/><target id="t7"/>')
    article, faults = one(naf_file(tmp_path, ("</srl>", SECOND.format(role))))
    assert faults == []
    assert article.events[1].attrs == {"x-A2": "in on"}


# -- NIF -------------------------------------------------------------------------------------------

NIF_HEAD = f"""@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix itsrdf: <http://www.w3.org/2005/11/its/rdf#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dul: <http://www.ontologydesignpatterns.org/ont/dul/DUL.owl#> .
@prefix oke: <http://www.ontologydesignpatterns.org/data/oke-challenge/task-1/> .
@prefix dbr: <http://dbpedia.org/resource/> .
@prefix dbo: <http://dbpedia.org/ontology/> .
<http://example.org/1#char=0,{len(TEXT)}> a nif:Context , nif:RFC5147String ; nif:isString "{TEXT}"@en .
<http://example.org/1#char=0,12> a nif:RFC5147String ; nif:anchorOf "William Barr" ; nif:beginIndex 0 ; nif:endIndex 12 ; nif:referenceContext <http://example.org/1#char=0,{len(TEXT)}> ;
"""


def test_nif_things_that_the_file_itself_describes_give_class_and_link(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(
        NIF_HEAD
        + "itsrdf:taIdentRef oke:Barr .\noke:Barr a owl:Individual , dul:Person ; owl:sameAs dbr:William_Barr .\n"
    )
    article, faults = one(path)
    assert faults == []
    assert [(e.type, e.links) for e in article.entities] == [
        ("Person", ("http://dbpedia.org/resource/William_Barr",))
    ]


def test_nif_annotation_units_are_alternatives_and_the_surest_counts(tmp_path):
    path = tmp_path / "a.ttl"
    units = "nif:annotationUnit [ itsrdf:taIdentRef dbr:Barr_Body ; nif:taIdentConf 0.2 ] , [ itsrdf:taIdentRef dbr:William_Barr ; itsrdf:taClassRef dbo:Person ; nif:taIdentConf 0.75 ] .\n"
    path.write_text(NIF_HEAD + units)
    article, faults = one(path)
    assert faults == []
    assert [(e.type, e.links, e.confidence) for e in article.entities] == [
        ("Person", ("http://dbpedia.org/resource/William_Barr",), 0.75)
    ]


# -- Web Annotation --------------------------------------------------------------------------------


def hypothesis(words: str, prefix: str, suffix: str) -> dict:
    selectors = [
        {"type": "RangeSelector", "startContainer": "/article[1]/p[3]", "startOffset": 0, "endContainer": "/article[1]/p[3]", "endOffset": 4},
        {"type": "TextPositionSelector", "start": 2950, "end": 2950 + len(words)},
        {"type": "TextQuoteSelector", "exact": words, "prefix": prefix, "suffix": suffix},
    ]  # fmt: skip
    return {"id": "x1", "user": "acct:ana@hypothes.is", "uri": "https://example.org/1", "text": "", "tags": ["Person"], "document": {"title": ["A title"]},
            "target": [{"source": "https://example.org/1", "selector": selectors}]}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "prefix", "suffix"),
    [("Marcelo\n\tEbrard", "menu }}\n\t\tmet ", " in"), ("Barr", "said ", ".\n\n\n Share this")],
    ids=["once", "between its neighbours"],
)
def test_a_position_in_the_page_is_not_one_in_the_text(tmp_path, words, prefix, suffix):
    text = TEXT + " It was a start, said Barr."
    (tmp_path / "doc.txt").write_text(text)
    path = dump(tmp_path / "doc.json", {"total": 1, "rows": [hypothesis(words, prefix, suffix)]})
    article, faults = one(path)
    assert faults == []
    (mention,) = article.entities[0].mentions
    assert mention.text == " ".join(words.split())
    assert mention.start == text.rindex(mention.text)
    assert (article.url, article.title) == ("https://example.org/1", "A title")


def test_a_position_without_a_page_is_checked_against_the_words(tmp_path):
    (tmp_path / "doc.txt").write_text("x" + TEXT)
    path = dump(tmp_path / "doc.json", [web("#a1", "William Barr", TAG | {"value": "Person"})])
    assert codes(readings(path)) == ["SURFACE_MISMATCH"]


def test_recogitos_places_and_tags_are_links_and_labels(tmp_path):
    bodies = [
        {"type": "SpecificResource", "value": "http://www.wikidata.org/entity/Q1489", "purpose": "identifying"},
        {"type": "TextualBody", "value": "Place", "purpose": "classifying"},
        {"type": "TextualBody", "value": "see the map", "purpose": "commenting"},
    ]  # fmt: skip
    (tmp_path / "doc.txt").write_text(TEXT)
    article, faults = one(dump(tmp_path / "doc.json", [web("#a1", "Mexico City", *bodies)]))
    assert faults == []
    (place,) = article.entities
    assert (place.type, place.links, place.attrs) == ("Place", ("wd:Q1489",), {"x-note": "see the map"})  # fmt: skip


# -- CASIE, repair ---------------------------------------------------------------------------------


def test_words_that_stand_once_are_others_where_all_around_moved_another_way(tmp_path):
    tree = json.loads(json.dumps(CASIE))
    tree["content"] = TEXT.replace("William Barr met ", "") + " They met later."
    found = readings(dump(tmp_path / "a.json", tree), repair=True)
    moved = {f.annotation for r in found for f in r.faults if f.code == "SPAN_MOVED"}
    lost = {f.annotation for r in found for f in r.faults if f.code == "SURFACE_MISMATCH"}
    assert moved == {"T2", "T3", "E2"}
    assert lost >= {"T1"}
    assert not any(m.text == "met" for r in found for e in r.article.events for m in e.mentions)


# -- brat ------------------------------------------------------------------------------------------


def test_brat_equivalences_of_any_label_make_one_referent(tmp_path):
    ann = "T1\tPerson 0 12\tWilliam Barr\nT2\tPerson 8 12\tBarr\n*\tAlias T1 T2\nR1\tmemberOf Arg1:T1 Arg2:T3\t\nT3\tOrganization 17 31\tMarcelo Ebrard\n"
    article, faults = one(brat(tmp_path, ann))
    assert faults == []
    assert [(e.id, len(e.mentions)) for e in article.entities] == [("T1", 2), ("T3", 1)]
    assert [(r.type, r.source, r.target) for r in article.relations] == [("memberOf", "T1", "T3")]


@pytest.mark.parametrize("line", ["A1\tPolarity T9 Negative", "N1\tReference T9 Wikidata:Q96"])
def test_what_brat_says_of_no_annotation_is_named_with_its_line(tmp_path, line):
    article, faults = one(brat(tmp_path, f"T1\tPerson 0 12\tWilliam Barr\n{line}\n"))
    assert [(f.code, f.line, f.annotation) for f in faults] == [("DANGLING_REFERENCE", 2, line[:2])]
    assert [e.id for e in article.entities] == ["T1"]


@pytest.mark.parametrize("key", ["entities", "relations"])
def test_doccano_lists_that_are_none_are_named(tmp_path, key):
    tree = {"id": 1, "text": TEXT, "entities": [], "relations": []} | {key: "x"}
    article, faults = one(dump(tmp_path / "a.jsonl", tree), format="doccano")
    assert [(f.code, f.sentence) for f in faults] == [("VALUE_INVALID", f"{key} is not a list.")]
    assert article is not None


def test_an_event_that_did_not_happen_stays_out(tmp_path):
    ann = "T1\tPerson 0 12\tWilliam Barr\nT2\tMeet 13 16\tmet\nE1\tMeet:T2 Participant:T1\nA1\tPolarity E1 Negative\nA2\tModality E1 Asserted\n"
    article, faults = one(brat(tmp_path, ann))
    assert [(f.code, f.annotation, f.dropped) for f in faults] == [("VALUE_INVALID", "E1", "event")]
    assert article.events == ()
    assert len(article.entities) == 1


# -- labels ----------------------------------------------------------------------------------------


def test_a_relation_that_makes_a_node_has_the_words_between_its_ends(tmp_path):
    text = "William Barr, attorney general, left."
    results = [
        region("a", "William Barr", "PER", text),
        region("b", "attorney general", "Title", text),
        {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right", "labels": ["per:title"]},
    ]  # fmt: skip
    path = dump(tmp_path / "a.json", [task(annotation(*results), text=text)])
    article, faults = one(path)
    assert faults == []
    (tenure,) = article.events
    assert [m.text for m in tenure.mentions] == ["William Barr, attorney general"]
    result = run("check", path, "--published", "2019-12-06", "--base", "https://example.org/")
    assert "violation" not in result.output


@pytest.mark.parametrize("form", ["casie", "brat", "nif"])
def test_a_starter_fed_back_leaves_nothing_unknown(tmp_path, form):
    if form == "casie":
        tree = json.loads(json.dumps(CASIE))
        for event in tree["cyberevent"]["hopper"][0]["events"]:
            event |= {"type": "Attack", "subtype": "Databreach"}
        path = dump(tmp_path / "a.json", tree)
    elif form == "brat":
        path = brat(
            tmp_path / "b",
            "T1\tPerson 0 12\tWilliam Barr\nT2\tMerge-org 13 16\tmet\nE1\tMerge-org:T2 Org-Arg:T1\nA1\tConfidence T1 Low\nA2\tMention E1 Name\nR1\tFamily Arg1:T1 Arg2:T1\n",
        )
    else:
        path = tmp_path / "a.ttl"
        path.write_text(NIF_HEAD + "itsrdf:taClassRef dbo:Spacecraft .\n")
    starter = tmp_path / "starter.toml"
    first = run("labels", path, "--starter", starter)
    assert first.exit_code == 1
    assert "Merge-org/Org-Arg" not in starter.read_text()
    assert run("labels", path, "--labels", starter).exit_code == 0
    found = readings(path, label_map=starter)
    assert [f for f in codes(found) if f == "UNKNOWN_TYPE"] == []


def test_roles_and_attributes_wait_for_the_class_of_their_event(tmp_path):
    tree = json.loads(json.dumps(CASIE))
    for event in tree["cyberevent"]["hopper"][0]["events"]:
        event |= {"type": "Attack", "subtype": "Databreach"}
    path = dump(tmp_path / "a.json", tree)
    rows = {r["label"]: r for r in json.loads(run("labels", path, "--format", "json").stdout)}
    assert rows["Attack.Databreach"]["nearest"].split()[0] == "ac:SecurityAction"
    assert rows["realis=Actual"]["means"] == rows["Attack.Databreach/Place"]["means"] != "?"
    overlay = tmp_path / "map.toml"
    overlay.write_text('[class]\n"Attack.Databreach" = "ac:SecurityAction"\n')
    rows = {r["label"]: r for r in json.loads(run("labels", path, "--labels", overlay, "--format", "json").stdout)}  # fmt: skip
    assert rows["Attack.Databreach/Place"]["means"] == "venue"
    assert rows["realis=Actual"]["means"] == "status occurred"


def test_labels_say_what_check_says_of_a_further_label(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(NIF_HEAD + "itsrdf:taClassRef <ann:Annotation> , dbo:Person .\n")
    assert codes(readings(path)) == []
    result = run("labels", path, "--format", "json")
    assert [r["means"] for r in json.loads(result.stdout)] == ["Person"]
    assert result.exit_code == 0


@pytest.mark.parametrize("form", ["label-studio", "brat"])
def test_a_label_of_the_other_direction_turns_round_between_events_too(tmp_path, form):
    text = "Barr met Ebrard. They agreed."
    if form == "brat":
        path = brat(tmp_path / "b", "T1\tMeet 5 8\tmet\nT2\tAGREE 22 28\tagreed\nE1\tMeet:T1\nE2\tAGREE:T2 After:E1\n", text)  # fmt: skip
    else:
        results = [
            region("E1", "met", "Meet", text),
            region("E2", "agreed", "AGREE", text),
            {"from_id": "E2", "to_id": "E1", "type": "relation", "direction": "right", "labels": ["After"]},
        ]  # fmt: skip
        path = dump(tmp_path / "a.json", [task(annotation(*results), text=text)])
    article, faults = one(path)
    assert faults == []
    assert [(e.id, e.args) for e in article.events] == [("E1", {"precedes": ("E2",)}), ("E2", {})]


def test_columns_of_two_rows_without_a_last_line_end_are_enough(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("Barr B-PER\nleft O")
    article, faults = one(path)
    assert (faults, kinds(article)) == ([], [("Person", "Barr")])
