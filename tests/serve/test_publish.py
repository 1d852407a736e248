"""A new build is taken over while the server answers."""

import threading
import time
from pathlib import Path

import httpx
import pytest

from serve.running import Server, publish, switch


def _quads(mark: str) -> bytes:
    """3,000 quads whose values all carry the build's mark."""
    return "".join(
        f'<http://example.org/s{i}> <http://example.org/p> "{mark}" <http://example.org/g{i % 7}> .\n'
        for i in range(3000)
    ).encode()


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    publish(tmp_path / "kg", "old", _quads("old"))
    publish(tmp_path / "kg", "new", _quads("new"))
    switch(tmp_path / "kg", "old")
    return tmp_path / "kg"


def _until(condition: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Load(threading.Thread):
    """Asks without pause and notes what comes back."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.url = f"http://{server.host}:{server.port}/sparql"
        self.stop = False
        self.failures: list[str] = []
        self.marks: list[str] = []

    def run(self) -> None:
        query = {"query": "SELECT ?o { ?s ?p ?o }"}
        with httpx.Client() as client:
            while not self.stop:
                answer = client.get(self.url, params=query, headers={"accept": "text/csv"})
                values = set(answer.text.split()[1:])
                if answer.status_code != 200 or len(values) != 1:
                    self.failures.append(f"{answer.status_code} {answer.text[:100]}")
                else:
                    mark = values.pop()
                    self.marks.append(mark)
                    if answer.headers["acuerdo-build"] != mark:
                        self.failures.append(f"{mark} said to be {answer.headers['acuerdo-build']}")


def test_under_load_no_request_fails_and_no_answer_mixes_two_builds(kg: Path) -> None:
    with Server(kg) as server:
        threads = [Load(server) for _ in range(3)]
        for thread in threads:
            thread.start()
        for wanted in ("new", "old", "new"):
            time.sleep(0.4)
            switch(kg, wanted)
            _until(lambda w=wanted: server.http.get("/readyz").headers["acuerdo-build"] == w)
            time.sleep(0.4)
            assert {t.marks[-1] for t in threads} == {wanted}
        for thread in threads:
            thread.stop = True
            thread.join()
        assert [t.failures for t in threads] == [[], [], []]
        assert sum(len(t.marks) for t in threads) > 30


def test_an_old_tag_is_not_taken_for_the_new_build(kg: Path) -> None:
    with Server(kg) as server:
        query = "SELECT ?o { <http://example.org/s1> ?p ?o }"
        tag = server.query(query).headers["etag"]
        switch(kg, "new")
        _until(lambda: server.query(query).headers["acuerdo-build"] == "new")
        again = server.http.get(
            "/sparql",
            params={"query": query},
            headers={"if-none-match": tag, "accept": "application/json"},
        )
        assert again.status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["missing", "corrupt", "nonsense"])
def test_a_build_that_cannot_be_opened_changes_nothing(kg: Path, damage: str) -> None:
    with Server(kg) as server:
        if damage == "corrupt":
            folder = publish(kg, "bad", _quads("bad"))
            for file in (folder / "store").iterdir():
                file.write_bytes(b"x" * 10)
        (kg / "CURRENT").write_text(
            {"missing": "none", "corrupt": "bad", "nonsense": "../x"}[damage] + "\n"
        )
        time.sleep(1.2)
        answer = server.query("SELECT DISTINCT ?o { ?s ?p ?o }", "text/csv")
        assert answer.text.split() == ["o", "old"]
        switch(kg, "new")
        _until(lambda: server.http.get("/readyz").headers["acuerdo-build"] == "new")


def test_serving_leaves_the_files_of_the_store_as_they_are(kg: Path) -> None:
    folder = kg / "builds" / "old" / "store"
    before = {f.name: f.read_bytes() for f in folder.iterdir()}
    with Server(kg) as server:
        server.query("SELECT * { ?s ?p ?o } ORDER BY ?o")
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == before
