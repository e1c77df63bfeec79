"""`kubectl auth can-i` agrees with an evaluator that is as simple as the documentation of RBAC.

The property that tests/api/test_rbac_property has for reviews and requests, on fewer examples: kubectl takes its time.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings

from tests.api.test_rbac_property import USERS, bindings, naively, requests, roles, world
from tests.e2e.tools import Kubectl

if TYPE_CHECKING:
    from fakekube.testing import Cluster


@settings(
    max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(roles, bindings, requests)
def test_kubectl_agrees(
    fakekube: Cluster, kubectl_path: str, tmp_path: Path, roles: Any, bindings: Any, requests: Any
) -> None:
    fakekube.reset()
    objects = world(roles, bindings)
    fakekube.apply(objects)
    kubectl = Kubectl(kubectl_path, fakekube.kubeconfig, tmp_path)
    for user, verb, (group, resource), where, name in requests[:3]:
        named = name if verb in ("get", "delete") else ""
        what = f"{resource}.{group}".rstrip(".") + (f"/{named}" if named else "")
        who = ["--as", user, *(word for each in USERS[user] for word in ("--as-group", each))]
        answer = kubectl.try_("auth", "can-i", verb, what, "-n", where, *who)
        expected = naively(objects, user, verb, group, resource, where, named)
        word = answer.out.split()[0]  # after which a "no" may have a reason
        assert (word, answer.code) == (("yes", 0) if expected else ("no", 1)), answer.both
