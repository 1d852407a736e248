"""`python -m acuerdo` is the command line."""

from acuerdo.cli import main

main()
