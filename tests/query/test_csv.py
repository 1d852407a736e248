"""CSV that any reader of CSV reads back."""

import csv
import io

from acuerdo.query import Kg, Solutions

QUERY = r"""SELECT ?x ?y WHERE { VALUES (?x ?y) {
  (<https://example.org/v#char=405,587> "say \"so\", he said\r\nand left")
  (<urn:a> UNDEF) } }"""


def test_an_iri_with_a_comma_stays_one_field(small: Kg) -> None:
    found = small.query(QUERY)
    assert isinstance(found, Solutions)
    out = io.BytesIO()
    found.write(out, "csv")
    rows = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    assert rows == [
        ["x", "y"],
        ["https://example.org/v#char=405,587", 'say "so", he said\r\nand left'],
        ["urn:a", ""],
    ]
