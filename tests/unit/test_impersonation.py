"""Acting as another: who one is then, and what one has to be allowed."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from fakekube.authz.forbidden import internal_error_text
from fakekube.authz.impersonation import read, requested
from fakekube.machinery.objects import UserInfo

KNOWN, UNKNOWN = "system:authenticated", "system:unauthenticated"
SA = "system:serviceaccount:n:a"
SA_GROUPS = ["system:serviceaccounts", "system:serviceaccounts:n"]


def headers(user: str = "", *groups: str, **extra: str) -> CIMultiDict[str]:
    made = CIMultiDict({"Impersonate-User": user} if user else {})
    for group in groups:
        made.add("Impersonate-Group", group)
    for key, value in extra.items():
        made.add(f"Impersonate-Extra-{key}", value)
    return made


@pytest.mark.parametrize(
    ("user", "groups", "expected"),
    [
        ("ann", [], [KNOWN]),
        ("ann", ["dev", "dev"], ["dev", "dev", KNOWN]),
        ("ann", ["dev", KNOWN, "ops"], ["dev", KNOWN, "ops"]),
        ("ann", [UNKNOWN], [UNKNOWN]),
        ("ann", [""], ["", KNOWN]),
        ("system:anonymous", [], [UNKNOWN]),
        ("system:anonymous", ["dev"], ["dev", UNKNOWN]),
        ("system:anonymous", [KNOWN], [KNOWN, UNKNOWN]),
        (SA, [], [*SA_GROUPS, KNOWN]),
        (SA, ["dev"], ["dev", KNOWN]),
        ("system:serviceaccount:n", [], [KNOWN]),
    ],
)
def test_groups_of_the_other(user: str, groups: list[str], expected: list[str]) -> None:
    assert read(headers(user, *groups)).user == UserInfo(user, groups=tuple(expected))


def test_extras_are_part_of_the_other() -> None:
    made = headers("ann", Scopes="a")
    made.add("Impersonate-Extra-scopes", "b")
    made.add("Impersonate-Extra-Example.com%2fProject", "p")
    assert read(made).user.extra == {"scopes": ("a", "b"), "example.com/project": ("p",)}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (headers("ann"), [("", "users", "", "ann", "")]),
        (headers(SA), [("", "serviceaccounts", "", "a", "n")]),
        (
            headers("ann", "dev", "ops", Scopes="view"),
            [
                ("", "users", "", "ann", ""),
                ("", "groups", "", "dev", ""),
                ("", "groups", "", "ops", ""),
                ("authentication.k8s.io", "userextras", "scopes", "view", ""),
            ],
        ),
    ],
)
def test_everything_has_to_be_allowed(made: CIMultiDict[str], expected: list[tuple[str, ...]]) -> None:
    me = UserInfo("me")
    needed = list(read(made).attributes(me))
    assert [(a.group, a.resource, a.subresource, a.name, a.namespace) for a in needed] == expected
    assert all(a.user == me and a.verb == "impersonate" and a.is_resource for a in needed)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (headers("", "dev"), "requested [{Group  dev    }] without impersonating a user"),
        (
            headers("", "<x&y>", a="b"),
            "requested [{Group  &lt;x&amp;y&gt;    } {UserExtra  b  authentication.k8s.io/v1  a}] "
            "without impersonating a user",
        ),
    ],
)
def test_a_user_is_needed(made: CIMultiDict[str], text: str) -> None:
    with pytest.raises(ValueError, match="without impersonating a user") as error:
        read(made)
    assert internal_error_text("/x", error.value) == f'Internal Server Error: "/x": {text}\n'


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({}, False),
        ({"Impersonate-User": ""}, False),
        ({"Impersonate-Uid": "1"}, False),
        ({"Impersonate-User": "ann"}, True),
        ({"Impersonate-Group": ""}, True),
        ({"Impersonate-Extra-X": ""}, True),
    ],
)
def test_when_it_is_asked_for(made: dict[str, str], expected: bool) -> None:
    assert requested(CIMultiDict(made)) is expected
