"""DefaultTolerationSeconds: pods stay five minutes on a node that fails. Follows plugin/pkg/admission/defaulttolerationseconds."""  # noqa: E501

from __future__ import annotations

from fakekube.admission.plugin import WRITES, On, Plugin
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

SECONDS = 300
TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def mutate(a: Attributes, client: Client) -> None:
    """Tolerate both taints for a while, unless the pod says something about them itself."""
    assert a.object is not None
    spec = a.object["spec"]
    given = spec.get("tolerations", [])
    added = [
        {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}
        for taint in TAINTS
        if not any(t.get("key", "") in ("", taint) and t.get("effect", "") in ("", "NoExecute") for t in given)
    ]
    if added:
        spec["tolerations"] = [*given, *added]


PLUGIN = Plugin("DefaultTolerationSeconds", On(WRITES, frozenset({"pods"})), mutate)
