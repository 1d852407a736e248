"""The graph directory on disk: which builds there are, which is current, and the store inside each.

Everything that was published is only ever read; a new build is made beside the others and switched to
in one step. `lines` merges sorted N-Quads, `disk` loads and verifies stores, `directory` finds builds.
"""

from acuerdo.store.directory import Build, Directory, Manifest
from acuerdo.store.disk import opened
from acuerdo.store.hold import hold, reading

__all__ = ["Build", "Directory", "Manifest", "hold", "opened", "reading"]
