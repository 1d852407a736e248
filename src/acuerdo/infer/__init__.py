"""What follows from one article's graph with the registry and the vocabularies, and why.

`context(quads)` compiles the rules once; `infer_article(asserted, context)` gives the N-Quads of
`/graph/inferred/{key}` for the N-Quads of `/graph/article/{key}`.
"""

from acuerdo.infer.article import infer_article, infer_known
from acuerdo.infer.context import Context, context, load

__all__ = ["Context", "context", "infer_article", "infer_known", "load"]
