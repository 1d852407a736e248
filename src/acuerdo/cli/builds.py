"""`acuerdo builds`: what a graph directory holds."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say


@click.command()
@kg_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(kg: Path, form: str) -> None:
    """List the builds of the graph directory, newest first; `*` marks the current one."""
    import msgspec

    from acuerdo.build.builds import listed

    found = listed(kg)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
        return
    for one in found:
        mark = "*" if one.current else " "
        if one.damaged:
            click.echo(f"{mark} {one.digest[:12]}  damaged; say `acuerdo doctor`")
            continue
        size = f"{one.own / 1e6:,.1f} of {one.bytes / 1e6:,.1f} MB its own"
        click.echo(
            f"{mark} {one.digest[:12]}  {one.quads:,} quads  {one.articles:,} articles  {size}  {one.base}"
        )
    if not found:
        say(f"{kg}: no builds; make one with `acuerdo build`")
