"""`kubectl rbac-lookup`: from bindings to its table."""

from __future__ import annotations

import pytest

from fakekube.cli.rbaclookup import bindings, lines
from fakekube.machinery.objects import Object

DOCUMENTS: list[Object] = [
    {
        "metadata": {"name": "default-view", "namespace": "default"},
        "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
    },
    {
        "metadata": {"name": "everybody"},
        "roleRef": {"kind": "ClusterRole", "name": "discovery"},
        "subjects": [{"kind": "Group", "name": "default-team"}, {"kind": "User", "name": "ann"}],
    },
    {"metadata": {"name": "nobody"}, "roleRef": {"kind": "ClusterRole", "name": "x"}},
]


@pytest.mark.parametrize(
    ("query", "kind", "subjects"),
    [
        ("", "", ["default:default", "default-team", "ann"]),
        ("default", "", ["default:default", "default-team"]),
        ("default", "serviceaccount", ["default:default"]),
        ("", "user", ["ann"]),
        ("x", "", []),
    ],
)
def test_who_is_looked_for(query: str, kind: str, subjects: list[str]) -> None:
    assert [found.subject for found in bindings(DOCUMENTS, query, kind)] == subjects


def test_tables() -> None:
    found = list(bindings(DOCUMENTS, "default", ""))
    assert lines(found, wide=True) == [
        "SUBJECT                           SCOPE          ROLE                    SOURCE",
        "ServiceAccount/default:default    default        ClusterRole/view        RoleBinding/default-view",
        "Group/default-team                cluster-wide   ClusterRole/discovery   ClusterRoleBinding/everybody",
    ]
    assert lines(found, wide=False)[1] == "default:default    default        ClusterRole/view"
