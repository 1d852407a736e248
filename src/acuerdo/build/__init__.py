"""From articles to a published graph: read, resolve, map, validate, infer, load, switch.

`build` holds the lock of the graph directory, works shards through (those that nothing changed in come
from the cache), writes a build beside the others and makes it current in one step.
"""

from acuerdo.build.run import Built, Options, build

__all__ = ["Built", "Options", "build"]
