"""Annotated news about cross-border security cooperation as an RDF graph with its sentences.

Five functions are for everybody: `build`, `open_kg`, `query`, `validate`, `export`. All else is in the
modules, imported only when it is asked for.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acuerdo.api import build, export, open_kg, query, validate

__version__ = "0.1.0"
__all__ = ["build", "export", "open_kg", "query", "validate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'acuerdo' has no attribute '{name}'")
    from acuerdo import api

    return getattr(api, name)


class _Stage(ModuleType):
    """A stage's package that is called like the function of its name."""

    def __call__(self, *args: Any, **given: Any) -> Any:
        from acuerdo import api

        return getattr(api, self.__name__.rpartition(".")[2])(*args, **given)


class _Package(ModuleType):
    """Importing a stage's package binds it here under the name of a function: let it be both."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in __all__ and isinstance(value, ModuleType):
            value.__class__ = _Stage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
