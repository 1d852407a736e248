"""Tables for people without RDF: one file each, CSV or Parquet."""

import csv
from pathlib import Path

from acuerdo.errors import WrongUsage
from acuerdo.export.views import TABLES, text
from acuerdo.query import Kg, Solutions
from acuerdo.query.formats import text as plain_text


def write(kg: Kg, folder: Path, form: str) -> dict[str, int]:
    """Write all tables into `folder` as `csv` or `parquet`; returns their numbers of rows."""
    counts: dict[str, int] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            found = kg.query(text(name))
            assert isinstance(found, Solutions)
            path = folder / f"{name}.{form}"
            part = path.with_name(path.name + ".part")
            _write(found, part, form)
            part.replace(path)
            counts[name] = len(found)
    except OSError as error:
        raise WrongUsage(f"{folder}: cannot be written ({error.strerror or error})") from error
    return counts


def _write(found: Solutions, path: Path, form: str) -> None:
    if form == "csv":
        # Not the engine's own writer: it leaves IRIs with a comma (every passage) unquoted.
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(found.columns)
            writer.writerows([plain_text(value) for value in row] for row in found)
        return
    table = found.to_arrow()
    from pyarrow import parquet

    parquet.write_table(table, path)
