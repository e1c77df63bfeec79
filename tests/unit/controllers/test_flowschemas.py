"""What a FlowSchema says of its priority level."""

from __future__ import annotations

import pytest
from fake_client import FakeClient, manager

from fakekube.apis.flowcontrol.flowschemas import RESOURCE as FLOWSCHEMAS
from fakekube.apis.flowcontrol.flowschemas import dangling
from fakekube.apis.flowcontrol.prioritylevelconfigurations import RESOURCE as PRIORITYLEVELS
from fakekube.controllers.flowschemas import CONTROLLER, told
from fakekube.machinery.objects import Key, Object

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


OWN: Object = {"type": "Own", "status": "True"}
SAID = 'This FlowSchema references the PriorityLevelConfiguration object named "high" '


async def test_a_schema_follows_its_level() -> None:
    api = FakeClient()
    controllers = manager(api, (CONTROLLER,))
    controllers.start()
    spec = {"priorityLevelConfiguration": {"name": "high"}}
    await api.create(FLOWSCHEMAS, {"metadata": {"name": "s"}, "spec": spec, "status": {"conditions": [OWN]}})

    async def said() -> tuple[str, str, str]:
        await controllers.idle()
        schema = api.get(FLOWSCHEMAS, Key("", "s"))
        assert schema is not None
        own, condition = schema["status"]["conditions"]
        assert own == OWN
        return condition["status"], condition["reason"], condition["message"].removeprefix(SAID)

    assert await said() == ("True", "NotFound", "but there is no such object")
    await api.create(PRIORITYLEVELS, {"metadata": {"name": "high"}, "spec": {}})
    assert await said() == ("False", "Found", "and it exists")
    await api.delete(PRIORITYLEVELS, Key("", "high"))
    assert await said() == ("True", "NotFound", "but there is no such object")
