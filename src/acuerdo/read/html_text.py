"""The text of a page as a browser counts it: tags gone, entities resolved, no white space changed."""

from html.parser import HTMLParser

_UNSEEN = {"script", "style", "head", "title"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 the name is the parser's
        self.unseen += tag in _UNSEEN
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN and self.unseen > 0

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def text_of(page: str) -> str:
    """What is left of an HTML page when its tags are gone; plain text stays as it is."""
    if "<" not in page and "&" not in page:
        return page
    parser = _Text()
    parser.feed(page)
    parser.close()
    return "".join(parser.parts)
