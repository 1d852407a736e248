"""`acuerdo doctor`: whether what is served is what was built."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option


@click.command()
@kg_option
@click.option("--deep", is_flag=True, help="Also compare the store with the manifest quad by quad.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(ctx: click.Context, /, kg: Path, form: str, *, deep: bool) -> None:
    """Check lock, disk, pointer, versions, and every byte of each build; exits with 6 when one is bad."""
    import msgspec

    from acuerdo.build.doctor import examine
    from acuerdo.errors import GraphUnusable

    bad = False
    found = []
    for check in examine(kg, deep=deep):
        bad |= check.verdict == "bad"
        found.append(check)
        if form == "text":
            click.echo(f"{check.verdict:<4} {check.about}: {check.sentence}")
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
    ctx.exit(GraphUnusable.exit_code if bad else 0)
