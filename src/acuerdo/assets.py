"""Where the project's own data folders are, in a wheel and in a checkout."""

from pathlib import Path

_HERE = Path(__file__).parent
# An editable install keeps the folders beside src/, a wheel inside the package.
ROOT = _HERE if (_HERE / "ontology").is_dir() else _HERE.parents[1]


def path(name: str) -> Path:
    """The folder `ontology`, `shapes`, `queries` or `examples`."""
    return ROOT / name
