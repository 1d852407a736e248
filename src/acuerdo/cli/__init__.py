"""The command line: one module a command, imported only when that command runs.

`acuerdo --help` imports nothing but click; the table below is all it needs.
"""

import importlib
import os
import sys
from contextlib import suppress

import click

from acuerdo import __version__
from acuerdo.errors import AcuerdoError, WrongUsage

# command → one line for `acuerdo --help`; the module is `acuerdo.cli.<command>`, its click command is `command`.
COMMANDS: dict[str, str] = {
    "link": "Which Wikidata item a person, agency, post or place is.",
    "backup": "The published graph in one file.",
    "build": "Make the graph of the articles and publish it.",
    "builds": "The builds of a graph directory.",
    "check": "Name faults and findings of articles without building.",
    "convert": "Articles from one annotation format into another.",
    "demo": "Build the shipped examples and answer three questions.",
    "diff": "Facts added and gone between two builds, with their sentences.",
    "doctor": "Check every byte of the graph directory.",
    "export": "The graph as N-Quads, TriG, Turtle, JSON-LD, RDF/XML … files.",
    "labels": "The labels of an annotation tool's files and what they mean.",
    "ontology": "Does the ontology hold together, and its reference pages.",
    "prune": "Remove old builds.",
    "explain": "Why the graph says something: the premises and their sentences.",
    "push": "The graph into another triplestore, and the proof that it arrived.",
    "query": "Ask a shipped question, a .rq file or any SPARQL.",
    "show": "One person, agency, place or event, with everything said of it.",
    "questions": "The shipped questions with their parameters.",
    "schema": "The JSON Schema of the native article format, or for a language model.",
    "restore": "A graph directory from a backup.",
    "serve": "Serve the published graph over SPARQL, read-only and fenced.",
    "validate": "What is wrong with the graph, with anybody's RDF, or with the shapes.",
    "use": "Make an earlier build the current one.",
}


class Commands(click.Group):
    """A group that imports a command's module on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"acuerdo.cli.{cmd_name.replace('-', '_')}")
        found: click.Command = module.command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"no command '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="acuerdo")
def acuerdo() -> None:
    """Annotated news about cross-border security cooperation as a knowledge graph with its sentences."""


def main() -> None:
    """Run the command line; a closed pipe ends it silently, Ctrl-C with 130."""
    try:
        code = acuerdo.main(standalone_mode=False)
        _flush()
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AcuerdoError as error:
        _complain(str(error))
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = 130
    except BrokenPipeError:
        # The reader left (`| head`): nothing more to say, and nothing for Python to flush at exit.
        _discard()
        code = 0
    except OSError as error:
        # What a command did not expect of the disk: most often the output that is redirected to a full one.
        _discard()
        where = f"{error.filename}: " if error.filename else "the output cannot be written: "
        _complain(f"{where}{error.strerror or error}")
        code = WrongUsage.exit_code
    sys.exit(code if isinstance(code, int) else 0)


def _flush() -> None:
    """Write out what waits; Python does so when it ends, where nothing can be said of a full disk any more."""
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


def _discard() -> None:
    """Let go of what stdout could not take, so that Python does not try it again when it ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(words: str) -> None:
    """One line on stderr; names of files and words of a parser may hold line ends and control characters."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
    with suppress(OSError):
        click.echo(f"Error: {line}", err=True)
