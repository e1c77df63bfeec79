from __future__ import annotations

import pytest

from fakekube.apis.flowcontrol.flowschemas import dangling
from fakekube.controllers.flowschemas import told
from fakekube.machinery.objects import Object

THEN, NOW = "2020-09-13T12:26:40Z", "2021-01-30T12:00:00Z"
OTHER = {"type": "Other", "status": "True"}
MISSING, FOUND = dangling("a", False, NOW), dangling("a", True, NOW)


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ([], MISSING, [MISSING]),
        ([OTHER], FOUND, [OTHER, FOUND]),
        ([dangling("a", True, THEN), OTHER], FOUND, None),
        ([dangling("a", True, THEN), OTHER], MISSING, [MISSING, OTHER]),
        ([dangling("b", False, THEN)], MISSING, [MISSING]),
    ],
    ids=["new", "beside others", "known", "gone", "another level"],
)
def test_conditions(before: list[Object], wanted: Object, after: list[Object] | None) -> None:
    assert told(before, wanted) == after


def test_messages() -> None:
    refers = 'This FlowSchema references the PriorityLevelConfiguration object named "a"'
    assert FOUND["message"] == f"{refers} and it exists"
    assert MISSING["message"] == f"{refers} but there is no such object"
