from __future__ import annotations

import pytest

from fakekube.admission import table


def test_order_does_not_depend_on_the_flags() -> None:
    order = table.names(["NodeRestriction"], [])
    assert order.index("NamespaceLifecycle") < order.index("NodeRestriction") < order.index("Priority")


def test_flags_switch_on_and_off() -> None:
    assert "NodeRestriction" not in table.names([], [])
    assert "Priority" not in table.names([], ["Priority"])


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
