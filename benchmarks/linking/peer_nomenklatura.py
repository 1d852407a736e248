"""Run in an environment of its own: nomenklatura's logic-v2 over candidates read from standard input as JSON.

Answers {"rate": queries a second, "rows": {threshold: [[gold, linked QID or ""], …]}}. The best candidate is
linked from the threshold on, unless another scores the same.
"""

import json
import sys
import time

from followthemoney import model
from nomenklatura.matching import get_algorithm

THRESHOLDS = ("0.7", "0.8", "0.9", "0.95")
try:
    from followthemoney import EntityProxy as Proxy
except ImportError:
    from nomenklatura.entity import CompositeEntity as Proxy


def entity(key: str, names: list[str], birth: str, countries: list[str]) -> Proxy:
    proxy = Proxy.from_dict({"id": key, "schema": "Person", "properties": {}})
    for name in names:
        proxy.add("name", name)
    for country in countries:
        proxy.add("country", country)
    if birth:
        proxy.add("birthDate", birth)
    return proxy


def main() -> None:
    work = json.load(sys.stdin)
    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config() if hasattr(algorithm, "default_config") else None
    rows: dict[str, list[tuple[str, str]]] = {t: [] for t in THRESHOLDS}
    started = time.process_time()
    for number, query in enumerate(work):
        # It caches by id: each query needs one of its own.
        asked = entity(f"query-{number}", [query["name"]], "", query["countries"])
        scored = []
        for qid, names, birth, countries in query["items"]:
            found = algorithm.compare(asked, entity(qid, names, birth, countries), config)
            scored.append((found.score, qid))
        scored.sort(key=lambda pair: (-pair[0], int(pair[1][1:])))
        tied = len(scored) > 1 and scored[0][0] == scored[1][0]
        for threshold in THRESHOLDS:
            sure = scored and not tied and scored[0][0] >= float(threshold)
            rows[threshold].append((query["gold"], scored[0][1] if sure else ""))
    assert model is not None
    json.dump({"rate": len(work) / (time.process_time() - started), "rows": rows}, sys.stdout)


if __name__ == "__main__":
    main()
