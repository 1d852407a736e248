"""Hostile text and IRIs on our pages in a real browser: nothing runs, nothing is asked elsewhere."""

import shutil
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from acuerdo.query.values import serialised
from peers import missing
from serve.running import Server, publish

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.slow
BASE = "https://example.org/kg/"
AC = "https://w3id.org/acuerdo/ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

TEXTS = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<form action='https://evil.example/'><button>x</button></form>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<template><script>alert(1)</script></template>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "{% raw %}<script>alert(1)</script>",
    "&#x3C;script&#x3E;alert(1)&#x3C;/script&#x3E;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\u202e<script>alert(1)</script>",
]
HANDLERS = """() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes])
    .filter(a => a.name.startsWith('on')).map(a => a.name)"""
IRIS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://example.org/%0Aalert(1)",
    "data:text/html,%3Cscript%3Ealert(1)%3C/script%3E",
    "vbscript:msgbox(1)",
    "https://evil.example/'onmouseover='alert(1)",
    BASE + "id/x'onmouseover='alert(1)",
    BASE + "id/../../evil",
    BASE + "id//evil.example/x",
]


def _graph() -> bytes:
    lines = []
    for i, text in enumerate(TEXTS):
        literal = serialised(ox.Literal(text))
        thing, graph = f"<{BASE}id/event/text-{i}>", f"<{BASE}graph/article/a'{i}>"
        article = f"<{BASE}id/article/a{i}>"
        passage = f"<{BASE}id/article/a{i}/v/00000000#char=0,9>"
        number = "^^<http://www.w3.org/2001/XMLSchema#integer>"
        lines += [
            f"{thing} <{LABEL}> {literal} {graph}",
            f"{thing} <{AC}note> {literal}@en {graph}",
            f"{thing} <{AC}odd> {literal}^^<https://evil.example/'onx='alert(1)> {graph}",
            f"{thing} <{AC}evidencedBy> {passage} {graph}",
            f"{passage} <{AC}passageOf> {article} {graph}",
            f'{passage} <{AC}charStart> "0"{number} {graph}',
            f'{passage} <{AC}charEnd> "9"{number} {graph}',
            f"{passage} <{AC}words> {literal} {graph}",
            f"{article} <{AC}title> {literal} {graph}",
            f"{article} <{LABEL}> {literal} {graph}",
        ]
    every = f"<{BASE}id/event/iris>"
    for iri in IRIS:
        lines += [
            f"{every} <{AC}about> <{iri}> <{BASE}graph/g>",
            f"<{iri}> <{AC}on> {every} <{iri}>",
        ]
        lines += [f"{every} <{iri}> <{iri}> <{BASE}graph/g>"]
    return "".join(line + " .\n" for line in lines).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = publish(tmp_path_factory.mktemp("xss") / "kg", "abc", _graph(), base=BASE)
    with Server(folder.parents[1]) as running:
        yield running


class Visit:
    """A browser that notes whatever should not happen."""

    def __init__(self, browser: object, origin: str) -> None:
        self.page = browser.new_page()  # type: ignore[attr-defined]
        self.origin = origin
        self.faults: list[str] = []
        self.page.on(
            "dialog",
            lambda dialog: (self.faults.append(f"dialog {dialog.message}"), dialog.dismiss()),
        )
        self.page.on("pageerror", lambda error: self.faults.append(f"error {error}"))
        self.page.on("console", lambda said: self.faults.append(f"console {said.text}"))
        self.page.on("request", self._asked)

    def _asked(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith(self.origin):
            self.faults.append(f"request {url}")

    def open(self, path: str) -> None:
        self.page.goto(self.origin + path)
        handlers = self.page.evaluate(HANDLERS)
        if handlers:
            self.faults.append(f"handlers at {path}: {handlers}")


@pytest.fixture(scope="module")
def visit(site: Server) -> Iterator[Visit]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield Visit(browser, f"http://{site.host}:{site.port}")
        browser.close()


def test_hostile_text_runs_nowhere(visit: Visit) -> None:
    assert len(TEXTS) >= 30
    for i in range(len(TEXTS)):
        visit.open(f"/page/event/text-{i}")
        assert visit.page.query_selector("h1").inner_text() == TEXTS[i].strip()
        visit.open(f"/page/article/a{i}")
    assert visit.faults == []


def test_hostile_iris_are_no_links(visit: Visit) -> None:
    visit.open("/page/event/iris")
    targets = visit.page.eval_on_selector_all("a", "links => links.map(link => link.href)")
    schemes = {target.split(":", 1)[0].lower() for target in targets}
    assert schemes <= {"http", "https"}
    assert visit.faults == []


def test_hostile_urls_show_problems_that_are_not_html(visit: Visit) -> None:
    for text in TEXTS[:12]:
        for path in (
            f"/page/{quote(text)}",
            f"/questions/{quote(text)}",
            f"/questions/who-met-whom?since={quote(text)}",
            f"/sparql?query={quote(text)}",
        ):
            answer = visit.page.request.get(visit.origin + path)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert visit.faults == []


def test_every_page_fits_a_phone(visit: Visit) -> None:
    for width in (390, 768, 1280):
        visit.page.set_viewport_size({"width": width, "height": 800})
        for path in ("/", "/page/event/iris", "/page/event/text-0", "/questions/who-met-whom?form"):
            visit.open(path)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, (
                path,
                width,
            )
    assert visit.faults == []
