"""Measure `acuerdo link` on the test split of the tables; prints Markdown tables.

    python benchmarks/linking/run.py TABLES [--peers] [--nomenklatura PYTHON]

AUTO precision is of all links made without a person, queries without an answer included; recall is of the
queries that have one. Every share has its 95 % Wilson interval. The exit code is 1 where a goal is missed.
"""

import argparse
import json
import math
import platform
import resource
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import queries as made
from acuerdo.link.names import name
from acuerdo.link.score import Decision, decide

GOALS = {"precision": 0.995, "recall": 0.85, "nil": 0.01, "rate": 1500.0, "memory": 500.0}


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not n:
        return 0.0, 1.0
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(hits: int, n: int) -> str:
    """A share with its interval, as the tables print it."""
    low, high = wilson(hits, n)
    return f"{hits / n:.4f} [{low:.4f}, {high:.4f}]" if n else "–"


def tally(rows):
    """(linked, right, answerable, nil, falsely linked nil) of rows of (gold, linked QID or '')."""
    linked = [r for r in rows if r[1]]
    return (
        len(linked),
        sum(g == q for g, q in linked),
        sum(bool(g) for g, _ in rows),
        sum(not g for g, _ in rows),
        sum(not g for g, _ in linked),
    )


def line(title: str, rows) -> str:
    linked, right, answerable, nil, false = tally(rows)
    return f"| {title} | {len(rows)} | {share(right, linked)} | {share(right, answerable)} | {share(false, nil)} |"


def ours(asked, index, level):
    """Decisions of all queries, mentions a second of processor time (caches cold), how many are in review."""
    pairs = [(q.mention, made.met(q, index)) for q in (q.context(level) for q in asked)]
    started = time.process_time()
    outcomes = [decide(mention, index, company=company) for mention, company in pairs]
    rate = len(pairs) / (time.process_time() - started)
    rows = [
        (q.gold, o.ranked[0].item.qid if o.decision is Decision.AUTO else "")
        for q, o in zip(asked, outcomes, strict=True)
    ]
    review = sum(o.decision is Decision.REVIEW for o in outcomes)
    return rows, rate, review, outcomes


def rapid(asked, people):
    """Rapidfuzz's scorers with the threshold that a user would set: 90, and no tie."""
    from rapidfuzz import fuzz, process

    names, qids = zip(*people, strict=True)
    found = {}
    for title, scorer in (("token_sort_ratio", fuzz.token_sort_ratio), ("WRatio", fuzz.WRatio)):
        started, rows = time.process_time(), []
        for query in asked:
            asked_name = " ".join(name(query.mention.label).tokens)
            top = process.extract(asked_name, names, scorer=scorer, score_cutoff=90, limit=4)
            best = {qids[i] for _, s, i in top if s == top[0][1]}
            rows.append((query.gold, next(iter(best)) if len(best) == 1 else ""))
        found[title] = rows, len(asked) / (time.process_time() - started)
    return found


def peer(python, asked, index):
    """Nomenklatura's logic-v2 in its own environment, over the same candidates."""
    work = []
    for query in asked:
        from acuerdo.link.score import considered

        rows = considered(query.mention, index)
        work.append(
            {
                "name": query.mention.label,
                "countries": query.mention.countries,
                "gold": query.gold,
                "items": [
                    [i.qid, [n.text for n in i.names], i.birth, list(i.countries)]
                    for i, _, _ in rows
                ],
            }
        )
    script = Path(__file__).with_name("peer_nomenklatura.py")
    done = subprocess.run(
        [python, script],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--nomenklatura")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument(
        "--quality", action="store_true", help="hold only the shares to their goals"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        queries, index = made.make(options.tables, Path(folder))
        asked = [q for q in queries if not q.train]
        print(
            f"Python {platform.python_version()}, {index.size:,} items, {len(asked):,} test queries\n"
        )
        print("| queries | n | AUTO precision | AUTO recall | false links on NIL |")
        print("|---|---|---|---|---|")
        met = report(asked, index, options.errors)
        if options.peers:
            peers(asked, index, options.nomenklatura)
    held = ("precision", "recall", "nil") if options.quality else tuple(met)
    raise SystemExit(0 if all(met[goal] for goal in held) else 1)


def wrong(asked, outcomes) -> None:
    """Each wrong link with what spoke for it."""
    for q, o in zip(asked, outcomes, strict=True):
        best = o.ranked[0] if o.ranked else None
        if o.decision is Decision.AUTO and best.item.qid != q.gold:
            print(
                "   ",
                q.kind,
                q.mention.label,
                q.mention.years,
                q.mention.roles,
                q.gold or "NIL",
                "→",
                best.item.qid,
                best.item.label,
                round(best.probability, 4),
                best.reasons,
            )


def report(asked, index, errors):
    known = [q for q in asked if q.kind != "stale" and "thing" not in q.kind]
    goal = None
    decide(asked[0].mention, index)  # the connection and the weights are not the linker's rate
    for level in ("role", "role company", "date", "date company", "name"):
        rows, rate, review, outcomes = ours(known, index, level)
        goal = goal or (rows, rate)
        print(line(f"**{level}**: {review / len(known):.1%} in review, {rate:,.0f}/s", rows))
        if level == "role":
            kinds = defaultdict(list)
            for query, row in zip(known, rows, strict=True):
                kinds[query.kind].append(row)
            for kind in sorted(kinds):
                print(line(f"role, {kind}", kinds[kind]))
        if errors:
            wrong(known, outcomes)
    stale = [q for q in asked if q.kind in {"stale", "nil"}]
    rows, _, review, _ = ours(stale, index, "role")
    print(line(f"role newer than the snapshot: {review / len(stale):.1%} in review", rows))
    things = [q for q in asked if "thing" in q.kind]
    rows, _, review, outcomes = ours(things, index, "role")
    print(line(f"agencies, posts, territories: {review / len(things):.1%} in review", rows))
    if errors:
        wrong(things, outcomes)
    linked, right, answerable, nil, false = tally(goal[0])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    met = {
        "precision": right / linked >= GOALS["precision"],
        "recall": right / answerable >= GOALS["recall"],
        "nil": false / nil <= GOALS["nil"],
        "rate": goal[1] >= GOALS["rate"],
        "memory": memory <= GOALS["memory"],
    }
    print(f"\nPeak memory {memory:,.0f} MB. Goals: {met}")
    return met


def peers(asked, index, python):
    known = [q for q in asked if q.kind != "stale" and "thing" not in q.kind]
    people = [
        (" ".join(n.tokens), item.qid)
        for item in map(index.item, range(index.size))
        if item.kind == "person"
        for n in item.names
    ]
    sample = known[:: max(1, len(known) // 300)]
    print(
        "\n| peer, names alone | n | precision | recall | false links on NIL |\n|---|---|---|---|---|"
    )
    for title, (rows, rate) in rapid(sample, people).items():
        print(line(f"rapidfuzz {title} ≥ 90, {rate:,.0f}/s", rows))
    for level in ("name", "date", "role"):
        rows, rate, _, _ = ours(sample, index, level)
        print(line(f"acuerdo, {level}, {rate:,.0f}/s", rows))
    if python:
        answer = peer(python, sample, index)
        for tau, rows in answer["rows"].items():
            print(line(f"nomenklatura logic-v2 ≥ {tau}, {answer['rate']:,.0f}/s", rows))


if __name__ == "__main__":
    main()
