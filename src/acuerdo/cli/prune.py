"""`acuerdo prune`: old builds go."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say


@click.command()
@kg_option
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="How many builds to keep beside the current one, newest first.",
)
def command(kg: Path, keep: int) -> None:
    """Remove old builds, what interrupted ones left, and cached work that no kept build needs."""
    from acuerdo.build.builds import prune

    done = prune(kg, keep)
    for digest in done.removed:
        say(f"{kg}: build {digest[:12]} is removed")
    for digest in done.busy:
        say(f"{kg}: build {digest[:12]} is being read and stays")
    say(f"{kg}: {done.bytes / 1e6:,.1f} MB freed")
