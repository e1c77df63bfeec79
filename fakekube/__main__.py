"""`python -m fakekube`."""

from __future__ import annotations

from fakekube.cli.main import main

main(prog_name="fakekube")
