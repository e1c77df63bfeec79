"""Templates that the server sees as equal."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fakekube.apis.podspec.difference import same_pod_template, spec_difference

TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "x"}, "creationTimestamp": None},
    "spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}], "hostPID": False},
}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda template: None, True),
        (lambda template: template["spec"].update(volumes=[], hostPID=True), False),
        (lambda template: template["spec"].update(volumes=[], nodeSelector={}), True),
        (lambda template: template["spec"]["containers"][0]["resources"]["limits"].update(cpu="1000m"), True),
        (lambda template: template["metadata"].update(annotations={}), True),
        (lambda template: template["metadata"]["labels"].update(app="y"), False),
        (lambda template: template["metadata"].update(creationTimestamp="2020-01-01T00:00:00Z"), False),
    ],
)
def test_what_changes_a_template(change: Any, same: bool) -> None:
    new = deepcopy(TEMPLATE)
    change(new)
    assert same_pod_template(new, TEMPLATE) is same


def test_equal_specs_differ_in_nothing() -> None:
    assert spec_difference({"containers": [], "volumes": []}, {"containers": []}) == ""
