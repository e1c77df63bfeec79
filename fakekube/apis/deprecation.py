"""The texts of the Warning headers of deprecated versions. Follows apiserver's endpoints/deprecation."""

from __future__ import annotations


def deprecated(version: str, kind: str, since: str, until: str = "", use: str = "") -> str:
    """The warning of an apiVersion's kind; `use` is another apiVersion, with a kind if it is called otherwise there."""
    unavailable = f", unavailable in v{until}+" if until else ""
    if use and " " not in use:
        use = f"{use} {kind}"
    return f"{version} {kind} is deprecated in v{since}+{unavailable}" + (f"; use {use}" if use else "")
