"""`acuerdo backup`: the published graph in one file."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@kg_option
def command(target: Path, kg: Path) -> None:
    """Write the published build to TARGET: a new file, or a folder, in which the file is named by the build.

    May run while the graph is read, served or built anew.
    """
    from acuerdo.build.backup import backup

    path = backup(kg, target)
    say(f"{path}: {path.stat().st_size / 1e6:,.1f} MB")
