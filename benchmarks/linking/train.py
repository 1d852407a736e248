"""Learn the weights and thresholds of `acuerdo link` on the train split; prints what it wrote.

    python benchmarks/linking/train.py TABLES

A conditional logit with an L2 penalty, fitted by Newton's method. What may only help (a tenure, a role)
cannot get a negative weight, and what may only harm (another suffix) no positive one: such a weight is
fixed at zero where the fit would turn its sign. The thresholds are the lowest at which the train split keeps precision.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

import queries as made
from acuerdo.link.entity import PERSON
from acuerdo.link.features import FEATURES
from acuerdo.link.score import considered

TARGET = Path(__file__).parents[2] / "src" / "acuerdo" / "link" / "weights.json"
WIDTH, PENALTY = 12, 0.5
ONLY_PLUS = (
    "exact score given surname rarity active role role_at suffix_same country_same company".split()
)
ONLY_MINUS = (
    "extra_mention tail_one tail_more inner head conflict initials slips other_name reordered suffix_one "
    "suffix_differs country_other"
).split()
LEVELS = {"role": 1.0, "date": 0.5, "name": 0.5}
ACCOMPANIED = {"role company": 1.0, "date company": 0.5}
PRECISION, NIL_RATE, RECALLED = 0.9975, 0.005, 0.10


def tables(asked, index, levels):
    """Figures (n, WIDTH, features), mask (n, WIDTH), the place of the answer (WIDTH = none), weights."""
    figures, mask, gold, weight, rows = [], [], [], [], []
    for query in asked:
        for level, value in levels.items():
            asked_for = query.context(level)
            found = considered(asked_for.mention, index, company=made.met(asked_for, index))
            qids = [item.qid for item, _, _ in found]
            if query.gold and query.gold not in qids:
                continue
            block = np.zeros((WIDTH, len(FEATURES)))
            block[: len(found)] = [f for _, _, f in found] or np.zeros((0, len(FEATURES)))
            figures.append(block)
            mask.append(np.arange(WIDTH) < len(found))
            gold.append(qids.index(query.gold) if query.gold else WIDTH)
            weight.append(value)
            rows.append((query, level, qids))
    return np.array(figures), np.array(mask), np.array(gold), np.array(weight), rows


def probabilities(x, mask, w):
    logits = np.where(mask, x @ w, -np.inf)
    logits = np.concatenate([logits, np.zeros((len(x), 1))], axis=1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit(x, mask, gold, weight, start=None, learned=None):
    """The weights; with `start`, only the `learned` ones move."""
    n, _, f = x.shape
    w = np.zeros(f) if start is None else start.copy()
    free = np.array([learned is None or name in learned for name in FEATURES])
    sign = np.array([(name in ONLY_PLUS) - (name in ONLY_MINUS) for name in FEATURES])
    padded = np.concatenate([x, np.zeros((n, 1, f))], axis=1)
    for _ in range(40):
        p = probabilities(x, mask, w)
        mean = np.einsum("nk,nkf->nf", p, padded)
        gradient = ((padded[np.arange(n), gold] - mean) * weight[:, None]).sum(0) - PENALTY * w
        second = np.einsum("nk,nkf,nkg,n->fg", p, padded, padded, weight, optimize=True)
        hessian = second - (mean * weight[:, None]).T @ mean + PENALTY * np.eye(f)
        step = np.zeros(f)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        w = w + np.clip(step, -3, 3)
        hit = sign * w < 0
        w[hit], free[hit] = 0, False
        if np.abs(step).max() < 1e-6:
            break
    return w


def threshold(rows, p, gold, precision, nil_rate):
    """The lowest probability at which precision and false links on NIL keep their bounds, at every level."""
    best = p[:, :WIDTH].argmax(axis=1)
    score = p[np.arange(len(p)), best]
    right = best == gold
    nil = gold == WIDTH
    levels = np.array([level for _, level, _ in rows])
    for tau in np.arange(0.80, 0.9996, 0.0005):
        taken = score >= tau
        ok = all(
            right[taken & (levels == level)].mean() >= precision
            and (taken & nil & (levels == level)).sum() / (nil & (levels == level)).sum()
            <= nil_rate
            for level in sorted(set(levels))
        )
        if ok:
            return float(tau)
    raise SystemExit("no threshold keeps the bounds")


def learn(asked, index, levels, bounds, accompanied=None):
    """The stored form of one model.

    Company is learned last, all else being fixed: who met nobody is judged as if nobody ever had.
    """
    x, mask, gold, weight, rows = tables(asked, index, levels)
    w = fit(x, mask, gold, weight)
    auto = threshold(rows, probabilities(x, mask, w), gold, *bounds)
    if accompanied:
        x, mask, gold, weight, rows = tables(asked, index, accompanied)
        w = fit(x, mask, gold, weight, w, {"company"})
        auto = max(auto, threshold(rows, probabilities(x, mask, w), gold, *bounds))
    named = {name: round(float(v), 4) for name, v in zip(FEATURES, w, strict=True)}
    return {"weights": named, "auto": round(auto, 4), "review": RECALLED}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        queries, index = made.make(Path(sys.argv[1]), Path(folder))
        asked = [q for q in queries if q.train]
        people = [q for q in asked if q.mention.kind == PERSON]
        things = [q for q in asked if q.mention.kind != PERSON]
        stored = {
            "person": learn(people, index, LEVELS, (PRECISION, NIL_RATE), ACCOMPANIED),
            "thing": learn(things, index, {"role": 1.0}, (PRECISION, NIL_RATE)),
            "trained": f"{len(asked)} queries of the train split, seed {made.SEED}",
        }
    TARGET.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
    print(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main()
