"""The ontology is the mapping: tags, roles by the event's class, overlays that say the same."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from acuerdo.cli import acuerdo
from acuerdo.errors import BadSource
from acuerdo.read import Reading, articles, tools
from acuerdo.read.timex import edtf

ROOT = Path(__file__).parents[1]
TEXT = "Barr met Ebrard in Mexico; gunmen attacked Ortiz."


def ls(tmp_path: Path, regions: dict[str, str], relations=(), said=()) -> Path:
    results = []
    for words, label in regions.items():
        start = TEXT.index(words)
        results.append(
            {
                "id": words,
                "type": "labels",
                "from_name": "label",
                "to_name": "text",
                "value": {
                    "start": start,
                    "end": start + len(words),
                    "text": words,
                    "labels": [label],
                },
            }
        )
    results += [
        {"from_id": a, "to_id": b, "type": "relation", "direction": "right", "labels": [r]}
        for a, r, b in relations
    ]
    results += [
        {"id": i, "type": "choices", "from_name": n, "to_name": "text", "value": {"choices": [v]}}
        for i, n, v in said
    ]
    path = tmp_path / "ls.json"
    path.write_text(
        json.dumps(
            [
                {
                    "id": 1,
                    "data": {"text": TEXT, "published": "2020-01-02"},
                    "annotations": [{"result": results}],
                }
            ]
        )
    )
    return path


def read(path: Path, **options):
    (one,) = articles([path], reading=Reading(**options))
    return one.article, [(f.code, f.annotation) for f in one.faults]


def overlay(tmp_path: Path, text: str, name: str = "map.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_one_role_label_means_what_the_class_of_its_event_says(tmp_path):
    path = ls(
        tmp_path,
        {"Barr": "PER", "met": "Contact.Meet", "gunmen": "Group", "attacked": "Conflict:Attack"},
        [("met", "Entity", "Barr"), ("attacked", "Entity", "gunmen")],
    )
    article, faults = read(path)
    assert faults == []
    assert {e.type: e.args for e in article.events} == {
        "Meeting": {"participant": ("Barr",)},
        "SecurityAction": {"perpetrator": ("gunmen",)},
    }


def test_patterns_stand_behind_exact_labels(tmp_path):
    article, faults = read(ls(tmp_path, {"attacked": "Conflict.Attack.SetFire"}))
    assert faults == []
    assert article.events[0].type == "SecurityAction"


def test_a_label_that_says_more_than_the_class_keeps_it_in_an_attribute(tmp_path):
    article, faults = read(
        ls(tmp_path, {"met": "Personnel.End-Position", "attacked": "Seizure", "gunmen": "THREATEN"})
    )
    assert faults == []
    assert {e.type: e.attrs for e in article.events} == {
        "Tenure": {"capacity": "former"},
        "SecurityAction": {"kind": "seizure"},
        "Statement": {"illocution": "threat"},
    }


def test_a_relation_label_on_a_class_makes_the_node(tmp_path):
    article, faults = read(
        ls(tmp_path, {"Barr": "PER", "Ebrard": "Title"}, [("Barr", "per:title", "Ebrard")])
    )
    assert faults == []
    (event,) = article.events
    assert (event.type, event.args) == ("Tenure", {"holder": ("Barr",), "post": ("Ebrard",)})


def test_an_inverse_label_turns_the_relation_round(tmp_path):
    article, faults = read(
        ls(tmp_path, {"Barr": "ORG", "Ebrard": "ORG"}, [("Barr", "org:subsidiaries", "Ebrard")])
    )
    assert faults == []
    assert [(r.type, r.source, r.target) for r in article.relations] == [
        ("partOfOrganization", "Ebrard", "Barr")
    ]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Modality", "Future", "planned"),
        ("realis", "Actual", "occurred"),
        ("status", "cancelled", "cancelled"),
    ],
)
def test_attribute_values_become_concepts(tmp_path, name, value, status):
    article, faults = read(ls(tmp_path, {"met": "Meet"}, said=[("met", name, value)]))
    assert faults == []
    assert article.events[0].attrs == {"status": status}


def test_a_relation_drawn_the_other_way_is_named_with_advice(tmp_path):
    path = ls(tmp_path, {"Mexico": "LOC", "met": "Meet"}, [("Mexico", "Place", "met")])
    (one,) = articles([path])
    assert [f.code for f in one.faults] == ["UNKNOWN_TYPE"]
    assert "other way" in one.faults[0].hint


def test_a_class_of_an_aligned_vocabulary_is_ours_and_its_properties_are_not(tmp_path):
    article, faults = read(
        ls(
            tmp_path,
            {"Barr": "https://schema.org/Person", "Ortiz": "http://www.w3.org/ns/org#Organization"},
            [("Ortiz", "member", "Barr")],
        )
    )
    assert [e.type for e in article.entities] == ["Person", "Organization"]
    assert [code for code, _ in faults] == ["UNKNOWN_TYPE"]


OVERLAY = """
prefixes = { mine = "https://w3id.org/acuerdo/ns#" }
[class]
"Villain*" = "mine:CriminalOrganization"
"Tok" = false
[role]
"Contact.Meet/With" = "role:participant"
[relation]
"runs" = "^ac:partOfOrganization"
"next to" = false
[attribute]
"Mood=Bad" = "ac:status alleged"
"Colour" = false
[links]
"dbp:" = "http://dbpedia.org/resource/{}"
"junk:" = false
"""


def test_an_overlay_says_what_the_ontology_does_not(tmp_path):
    path = ls(
        tmp_path,
        {"Barr": "PER", "met": "Contact.Meet", "gunmen": "Villain-3", "Ortiz": "ORG", "in": "Tok"},
        [
            ("met", "With", "Barr"),
            ("gunmen", "runs", "Ortiz"),
            ("Barr", "next to", "Ortiz"),
            ("met", "With", "in"),
        ],
        [
            ("met", "Mood", "Bad"),
            ("met", "Colour", "red"),
            ("Barr", "link", "dbp:William_Barr"),
            ("Barr", "link", "junk:1"),
        ],
    )
    _, faults = read(path)
    assert {code for code, _ in faults} >= {"UNKNOWN_TYPE"}
    article, faults = read(path, label_map=overlay(tmp_path, OVERLAY))
    assert faults == []
    assert {e.id: e.type for e in article.entities} == {
        "Barr": "Person",
        "gunmen": "CriminalOrganization",
        "Ortiz": "Organization",
    }
    assert article.entities[0].links == ("http://dbpedia.org/resource/William_Barr",)
    (event,) = article.events
    assert (event.args, event.attrs) == ({"participant": ("Barr",)}, {"status": "alleged"})
    assert [(r.type, r.source, r.target) for r in article.relations] == [
        ("partOfOrganization", "Ortiz", "gunmen")
    ]


def test_sssom_rows_say_the_same(tmp_path):
    table = "# curie_map:\n#   ac: https://w3id.org/acuerdo/ns#\nsubject_label\tpredicate_id\tobject_id\nVillain\tskos:exactMatch\tac:CriminalOrganization\nruns\tac:tagInverse\tac:partOfOrganization\nTok\tskos:exactMatch\tsssom:NoTermFound\n"
    path = ls(
        tmp_path, {"gunmen": "villain", "Ortiz": "ORG", "in": "Tok"}, [("gunmen", "runs", "Ortiz")]
    )
    article, faults = read(path, label_map=overlay(tmp_path, table, "map.tsv"))
    assert faults == []
    assert [(r.type, r.source, r.target) for r in article.relations] == [
        ("partOfOrganization", "Ortiz", "gunmen")
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[class]\n'A' = 'ac:Persn'\n", "did you mean 'Person'"),
        ("[clas]\n", "unknown table"),
        ("[class\n", "map.toml:1"),
        ("[class]\n'A' = 3\n", "neither a term nor false"),
        ("[role]\n'A' = 'ac:Person'\n", "no term that a role label can mean"),
    ],
)
def test_a_wrong_overlay_is_refused_with_its_place(tmp_path, text, words):
    with pytest.raises(BadSource, match=words):
        tools.labels(Reading(label_map=overlay(tmp_path, text)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2019-12-05", "2019-12-05"),
        ("2019-W48", "2019-11-25/2019-12-01"),
        ("2019-W48-3", "2019-11-27"),
        ("2017-02-01/P7D", "2017-02-01/2017-02-07"),
        ("2019-12-05TMO", "2019-12-05"),
        ("2019-Q3", "2019-07/2019-09"),
        ("2019-SU", "2019-22"),
        ("199", "199X"),
        ("20191205", "2019-12-05"),
        ("PRESENT_REF", "PRESENT_REF"),
    ],
)
def test_timex_values_become_edtf(given, expected):
    assert edtf(given) == expected


# -- the command -------------------------------------------------------------------------------


def run(*args: object):
    return CliRunner().invoke(acuerdo, [str(a) for a in args])


def test_labels_lists_counts_meanings_and_candidates_and_writes_a_starter(tmp_path):
    path = ls(tmp_path, {"Barr": "PER", "met": "Meeet"})
    starter = tmp_path / "starter.toml"
    result = run("labels", path, "--format", "json", "--starter", starter)
    rows = {row["label"]: row for row in json.loads(result.stdout)}
    assert (rows["PER"]["means"], rows["PER"]["count"]) == ("Person", 1)
    assert (rows["Meeet"]["means"], rows["Meeet"]["nearest"].split()[0]) == ("?", "ac:Meeting")
    assert result.exit_code == 1
    assert run("labels", path, "--labels", starter).exit_code == 0


def test_label_studio_config_is_xml_with_every_label(tmp_path):
    from xml.etree import ElementTree as ET

    root = ET.fromstring(run("labels", "--config", "label-studio").stdout)
    assert {"Person", "Meeting", "Date", "Evidence", "Section"} <= {
        e.get("value") for e in root.iter("Label")
    }
    assert {"participant", "venue", "@same", "evidence"} <= {
        e.get("value") for e in root.iter("Relation")
    }


def test_brat_config_has_every_event_with_its_roles():
    text = run("labels", "--config", "brat").stdout
    sections = {line.strip("[]") for line in text.splitlines() if line.startswith("[")}
    assert sections == {"entities", "relations", "events", "attributes"}
    (meeting,) = [line for line in text.splitlines() if line.startswith("Meeting\t")]
    assert "participant*:" in meeting
    assert "venue*:" in meeting
    assert "hasParticipant*" not in meeting


def test_the_schema_for_models_is_strict_and_takes_an_answer():
    schema = json.loads(run("schema", "llm").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    answer = {
        "entities": [{"id": "e1", "type": "Person", "name": "Barr", "quotes": ["Barr"]}],
        "dates": [], "relations": [],
        "events": [{"id": "v1", "type": "Meeting", "quote": "met", "evidence": ["Barr met Ebrard"], "args": [{"role": "participant", "id": "e1"}], "attrs": [{"name": "status", "value": "occurred"}]}],
    }  # fmt: skip
    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid(answer)
    answer["events"][0]["start"] = 5
    assert not check.is_valid(answer)
    for node in _objects(schema):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


def _objects(node):
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def test_convert_there_and_back_through_the_command(tmp_path):
    brief = ROOT / "examples" / "briefs" / "ganseg-2019.json"
    assert run("convert", brief, tmp_path / "b", "--to", "brat").exit_code == 0
    result = run("convert", tmp_path / "b", tmp_path / "n", "--to", "native")
    assert (result.exit_code, result.stdout) == (0, "")
    back = json.loads((tmp_path / "n" / "brief-ganseg-2019.json").read_text())
    assert {e["id"] for e in back["events"]} == {
        e["id"] for e in json.loads(brief.read_text())["events"]
    }


def test_convert_writes_into_no_folder_with_files_in_it(tmp_path):
    (tmp_path / "x").write_text("mine")
    result = run("convert", ROOT / "examples" / "briefs", tmp_path, "--to", "brat")
    assert result.exit_code != 0
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_help_loads_no_reader():
    code = "import sys; from acuerdo.cli import acuerdo\ntry: acuerdo(['convert', '--help'])\nexcept SystemExit: pass\nassert not [m for m in sys.modules if m.startswith('acuerdo.read')], sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_the_labels_of_brats_configuration_are_listed_though_nobody_used_them(tmp_path):
    conf = "[entities]\nPerson\n!Abstract\n    Spaceship\n[relations]\nmemberOf  Arg1:Person, Arg2:ORG\n<OVERLAP> Arg1:<ANY>\n[events]\nMeet Participant*:Person, With?:Person\n[attributes]\nModality Arg:<EVENT>, Value:Asserted|Loud\nNegation Arg:<EVENT>\n"
    (tmp_path / "annotation.conf").write_text(conf)
    (tmp_path / "a.txt").write_text("Barr left.")
    (tmp_path / "a.ann").write_text("T1\tPerson 0 4\tBarr\n")
    rows = {
        (r["kind"], r["label"]): (r["means"], r["count"])
        for r in json.loads(run("labels", tmp_path, "--format", "json").stdout)
    }
    assert rows == {
        ("class", "Person"): ("Person", 1), ("class", "Spaceship"): ("?", 0), ("class", "Meet"): ("Meeting", 0),
        ("role", "Meet/Participant"): ("participant", 0), ("role", "Meet/With"): ("?", 0), ("relation", "memberOf"): ("memberOf", 0),
        ("attribute", "Modality=Asserted"): ("status occurred", 0), ("attribute", "Modality=Loud"): ("?", 0), ("attribute", "Negation=True"): ("polarity denied", 0),
    }  # fmt: skip


def test_our_own_brat_configuration_has_only_known_labels(tmp_path):
    (tmp_path / "annotation.conf").write_text(run("labels", "--config", "brat").stdout)
    rows = json.loads(run("labels", tmp_path, "--format", "json").stdout)
    own = {"Section", "Evidence"}
    unknown = {
        r["label"]
        for r in rows
        if r["means"] == "?" and r["label"] not in own and not r["label"].endswith("/evidence")
    }
    assert {u for u in unknown if not u.startswith("kind=")} == set()


def test_an_iri_of_wikidata_is_a_link_whatever_the_attribute_is_called(tmp_path):
    path = ls(
        tmp_path,
        {"Barr": "PER"},
        said=[("Barr", "entity_linking", "http://www.wikidata.org/entity/Q723917")],
    )
    article, faults = read(path)
    assert (article.entities[0].links, faults) == (("wd:Q723917",), [])


# What inventories of public corpora and tools call what the ontology has; `-` is outside of its domain.
INVENTORIES = {
    "CoNLL": "PER=Person ORG=Organization LOC=Place MISC=-",
    "OntoNotes, spaCy": "PERSON=Person NORP=Group FAC=Place ORG=Organization GPE=Jurisdiction LOC=Place PRODUCT=- EVENT=Event WORK_OF_ART=- LAW=- LANGUAGE=- DATE=time TIME=time PERCENT=Amount MONEY=Amount QUANTITY=Amount ORDINAL=- CARDINAL=Amount",
    "ACE-05, things": "PER:Individual=Person PER.Group=Group ORG:Government=Agency ORG.Commercial=Organization GPE:Nation=Country GPE.State-or-Province=Jurisdiction FAC:Airport=Place LOC.Region-General=Place VEH=- WEA:Shooting=- Job-Title=Post Sentence=- Crime=-",
    "ACE-05, events": "Contact:Meet=Meeting Contact.Phone-Write=Call Conflict:Attack=SecurityAction Conflict:Demonstrate=- Justice:Arrest-Jail=SecurityAction Justice:Extradite=SecurityAction Justice:Convict=- Personnel:Start-Position=Tenure Personnel:End-Position=Tenure Personnel:Elect=Tenure Life:Die=- Movement:Transport=- Business:Merge-Org=-",
    "KAIROS, WikiEvents": "Contact.Contact.Meet=Meeting Contact.Contact.Correspondence=Call Contact.Contact.Broadcast=Statement Contact.RequestCommand.Unspecified=Statement Contact.Prevarication.Unspecified=Statement Conflict.Attack.DetonateExplode=SecurityAction Justice.ArrestJailDetain.Unspecified=SecurityAction Justice.Sentence.Unspecified=- Personnel.StartPosition.Unspecified=Tenure Life.Die.Unspecified=-",
    "CASIE": "Person=Person Organization=Organization GPE=Jurisdiction Time=time Money=Amount PII=- Malware=- System=- Attack.Databreach=- Vulnerability-related.PatchVulnerability=-",
    "PLOVER": "AGREE=Agreement CONSULT=Consultation COOPERATE=Event AID=- REQUEST=Statement ACCUSE=Statement REJECT=Statement THREATEN=Statement SANCTION=- MOBILIZE=SecurityAction COERCE=SecurityAction ASSAULT=SecurityAction",
    "brat's news tutorial": "Person=Person Organization=Organization GPE=Jurisdiction Money=Amount Report=Statement Merge-org=- Be-born=-",
    "ANNIE": "Person=Person Location=Place Organization=Organization Date=time Money=Amount JobTitle=Post Address=- Identifier=-",
}  # fmt: skip
ROLES = {
    "Contact.Meet": "Entity=participant Place=venue Time-Within=time",
    "Conflict.Attack": "Attacker=perpetrator Target=target Victim=victim Place=venue Instrument=-",
    "Justice.ArrestJailDetain.Unspecified": "Jailer=authority Detainee=detainee Place=venue Crime=-",
    "Personnel.Start-Position": "Person=holder Position=post Entity=-",
    "Contact.Contact.Broadcast": "Communicator=speaker Recipient=addressee Topic=topic",
    "Report": "Reporter-Arg=speaker Event-Arg=-",
    "CONSULT": "ACTOR=participant RECIP=participant LOC=-",
    "ASSAULT": "ACTOR=perpetrator RECIP=target",
    "ACCUSE": "ACTOR=speaker RECIP=addressee",
}
RELATIONS = {
    "PER": "per:title=Tenure P39=Tenure per:employee_of=memberOf per:member_of=memberOf ORG-AFF.Employment=memberOf P463=memberOf P108=memberOf per:spouse=- per:origin=-",
    "ORG": "org:parents=partOfOrganization org:subsidiaries=^partOfOrganization P749=partOfOrganization P355=^partOfOrganization org:members=^memberOf org:top_members/employees=^memberOf org:country_of_headquarters=jurisdiction org:founded_by=-",
    "LOC": "PART-WHOLE.Geographical=within P131=within",
}  # fmt: skip


def pairs(of: dict[str, str]) -> list[tuple[str, str, str]]:
    return [
        (name, *pair.rpartition("=")[::2]) for name, line in of.items() for pair in line.split()
    ]


@pytest.fixture(scope="module")
def known():
    return tools.labels(Reading())


@pytest.mark.parametrize(("inventory", "label", "means"), pairs(INVENTORIES))
def test_labels_of_well_known_inventories_mean_what_the_ontology_has(
    known, inventory, label, means
):
    found = known.type(label)
    assert (known.name(found) if found else "-") == means


@pytest.mark.parametrize(("event", "role", "means"), pairs(ROLES))
def test_roles_of_well_known_inventories_mean_what_the_class_has(known, event, role, means):
    key = known.role(role, known.type(event), event)
    assert (key.name if key else "-") == means


@pytest.mark.parametrize(("source", "label", "means"), pairs(RELATIONS))
def test_relations_of_well_known_inventories_are_properties_or_nodes(known, source, label, means):
    key = known.relation(label, known.type(source), source)
    node = known.nary(label) if key is None else None
    found = f"{'^' if key.inverse else ''}{key.name}" if key else node[0].name if node else "-"
    assert found == means
