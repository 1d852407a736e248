"""Several annotators of one article are layers: one is chosen, none is merged with another."""

from collections.abc import Iterable

from msgspec import Struct

from acuerdo.read.draft import Draft, Layer
from acuerdo.report import Fault


class Choice(Struct, frozen=True):
    """Whose layer is taken: that of an annotator, or the curated one; with neither, the only one."""

    annotator: str | None = None
    curated: bool = False


class Layers:
    """Which layers each document has, and so which draft is taken and which are left out."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.known: dict[str, dict[str, bool]] = {}
        self.said: set[str] = set()

    def note(self, layers: Iterable[Layer]) -> None:
        """Take notice of which layers there are."""
        for document, name, curated in layers:
            self.known.setdefault(document, {})[name] = curated

    def take(self, draft: Draft) -> bool | Fault:
        """Whether the draft is the chosen layer of its document; once a document, the fault that none is."""
        layers = self.known[draft.document]
        chosen = self._chosen(layers)
        if chosen is not None:
            return (draft.layer or "") == chosen
        if draft.document in self.said:
            return False
        self.said.add(draft.document)
        return self._fault(draft, layers)

    def _chosen(self, layers: dict[str, bool]) -> str | None:
        if self.choice.curated:
            curated = [name for name, is_curated in layers.items() if is_curated]
            return curated[0] if len(curated) == 1 else None
        if self.choice.annotator is not None:
            if self.choice.annotator in layers:
                return self.choice.annotator
            return "" if list(layers) == [""] else None
        return next(iter(layers)) if len(layers) == 1 else None

    def _fault(self, draft: Draft, layers: dict[str, bool]) -> Fault:
        names = ", ".join(
            f"{name or 'unnamed'}{' (curated)' if layers[name] else ''}" for name in sorted(layers)
        )
        if self.choice.curated:
            sentence, hint = (
                f"not exactly one layer is curated; there are: {names}.",
                "Curate it in the tool, or name an --annotator.",
            )
        elif self.choice.annotator is not None:
            sentence, hint = (
                f"there is no layer of {self.choice.annotator}; there are: {names}.",
                "Name one of them.",
            )
        else:
            sentence, hint = (
                f"it has {len(layers)} layers: {names}.",
                "Choose one with --annotator NAME or --curated.",
            )
        return Fault(
            "LAYERS", sentence, hint, file=draft.file, article=draft.document, dropped="article"
        )
