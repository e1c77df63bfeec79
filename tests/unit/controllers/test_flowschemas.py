"""What a FlowSchema says of its priority level."""

from __future__ import annotations

from fake_client import FakeClient, manager

from fakekube.apis.flowcontrol.flowschemas import RESOURCE as FLOWSCHEMAS
from fakekube.apis.flowcontrol.prioritylevelconfigurations import RESOURCE as PRIORITYLEVELS
from fakekube.controllers.flowschemas import CONTROLLER
from fakekube.machinery.objects import Key, Object

OWN: Object = {"type": "Own", "status": "True"}
SAID = 'This FlowSchema references the PriorityLevelConfiguration object named "high" '


async def test_a_schema_follows_its_level() -> None:
    api = FakeClient()
    controllers = manager(api, (CONTROLLER,))
    controllers.start()
    spec = {"priorityLevelConfiguration": {"name": "high"}}
    await api.create(FLOWSCHEMAS, {"metadata": {"name": "s"}, "spec": spec, "status": {"conditions": [OWN]}})

    async def told() -> tuple[str, str, str]:
        await controllers.idle()
        schema = api.get(FLOWSCHEMAS, Key("", "s"))
        assert schema is not None
        own, dangling = schema["status"]["conditions"]
        assert own == OWN
        return dangling["status"], dangling["reason"], dangling["message"].removeprefix(SAID)

    assert await told() == ("True", "NotFound", "but there is no such object")
    await api.create(PRIORITYLEVELS, {"metadata": {"name": "high"}, "spec": {}})
    assert await told() == ("False", "Found", "and it exists")
    await api.delete(PRIORITYLEVELS, Key("", "high"))
    assert await told() == ("True", "NotFound", "but there is no such object")
