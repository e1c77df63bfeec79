"""To be filled."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.sandbox.kernel import Program

PROGRAMS: Mapping[str, Program] = {}
