"""The columns of the bindings' Tables. Follows pkg/printers/internalversion of v1.20."""

from __future__ import annotations

from collections.abc import Callable

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column
from fakekube.machinery.objects import Object


def _role(binding: Object, _: float) -> str:
    ref = binding["roleRef"]
    return f"{ref.get('kind', '')}/{ref.get('name', '')}"


def _named(kind: str) -> Callable[[Object, float], str]:
    """The names of the subjects of one kind, with the namespace where they have one."""

    def cell(binding: Object, _: float) -> str:
        found = (subject for subject in binding.get("subjects") or () if subject.get("kind") == kind)
        return ", ".join(map(_name, found))

    return cell


def _name(subject: Object) -> str:
    name: str = subject.get("name", "")
    return f"{subject.get('namespace', '')}/{name}" if subject["kind"] == "ServiceAccount" else name


BINDING = (
    NAME,
    Column("Role", "string", _role),
    AGE,
    Column("Users", "string", _named("User"), priority=1),
    Column("Groups", "string", _named("Group"), priority=1),
    Column("ServiceAccounts", "string", _named("ServiceAccount"), priority=1),
)
