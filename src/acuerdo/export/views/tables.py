"""Tables for people without RDF: one file each, CSV or Parquet."""

from pathlib import Path

from acuerdo.errors import WrongUsage
from acuerdo.export.views import TABLES, text
from acuerdo.query import Kg, Solutions


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
        with path.open("wb") as out:
            found.write(out, "csv")
        return
    table = found.to_arrow()
    from pyarrow import parquet

    parquet.write_table(table, path)
