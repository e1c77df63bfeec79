from __future__ import annotations

import pytest

from fakekube.admission import table
from fakekube.admission.plugin import Permission, Wiring
from fakekube.apis import catalog, schema
from fakekube.options import Options
from fakekube.registry.codec import Codec


def test_order_does_not_depend_on_the_flags() -> None:
    order = table.names(["NodeRestriction"], [])
    assert order.index("NamespaceLifecycle") < order.index("NodeRestriction") < order.index("Priority")


@pytest.mark.parametrize("name", sorted(table.PLUGINS.keys() - {"ImagePolicyWebhook", "EventRateLimit"}))
def test_every_plugin_can_be_switched_on(name: str) -> None:
    async def permits(*_: object, **__: object) -> Permission:
        return Permission(True)

    wiring = Wiring(permits, catalog.builtin(), Codec(schema.load("1.20")))
    assert name in [plugin.name for plugin in table.plugins([name], [], wiring)]


def test_flags_switch_on_and_off() -> None:
    assert "NodeRestriction" not in table.names([], [])
    assert "Priority" not in table.names([], ["Priority"])
    assert "NodeRestriction" in table.names(Options().enable_admission_plugins, [])
    assert "NodeRestriction" not in table.names(Options().enable_admission_plugins, ["NodeRestriction"])


@pytest.mark.parametrize(
    ("enable", "disable", "message"),
    [
        (["Nope"], [], 'enable-admission-plugins plugin "Nope" is unknown'),
        ([], ["Nope"], 'disable-admission-plugins plugin "Nope" is unknown'),
        (
            ["Priority"], ["Priority"],
            "[Priority] in enable-admission-plugins and disable-admission-plugins overlapped",
        ),
    ],
)  # fmt: skip
def test_bad_names(enable: list[str], disable: list[str], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        table.names(enable, disable)
    assert str(caught.value) == message
