"""`acuerdo use`: back to an earlier build, or forward again."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say


@click.command()
@click.argument("build")
@kg_option
def command(build: str, kg: Path) -> None:
    """Make BUILD current: the beginning of its digest, or `previous`.

    Its files are compared with their sums first; a damaged build is refused.
    """
    from acuerdo.build.builds import use

    say(f"{kg}: build {use(kg, build).digest[:12]} is current")
