"""All controllers of kube-controller-manager that run here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct

from fakekube.controllers import (
    aggregation,
    autoscaling,
    bootstrapsigner,
    cronjobs,
    csrapproving,
    csrcleaner,
    csrsigning,
    daemonsets,
    definitions,
    deployments,
    disruption,
    endpoints,
    endpointslicemirroring,
    endpointslices,
    flowschemas,
    garbage,
    jobs,
    namespaces,
    nodeipam,
    nodelifecycle,
    nodettl,
    podgc,
    quota,
    replicasets,
    replicationcontrollers,
    rootca,
    serviceaccounts,
    statefulsets,
    tokencleaner,
    tokens,
    volumes,
)
from fakekube.controllers.controller import Controller
from fakekube.machinery.goformat import quote
from fakekube.pki.clustersigning import ClusterSigning


class Wiring(Struct, frozen=True):
    """What controllers get from above."""

    root_ca: str
    """PEM of the authority that pods trust."""
    issue: tokens.Issue
    signing: ClusterSigning
    kinds: namespaces.Kinds
    lookup: garbage.Lookup
    may: csrapproving.May


Build = Callable[[Wiring], Controller]


def _as_is(controller: Controller) -> Build:
    return lambda _: controller


CONTROLLERS: tuple[tuple[str, Build], ...] = (
    ("serviceaccount", _as_is(serviceaccounts.CONTROLLER)),
    ("serviceaccount-token", lambda wiring: tokens.controller(wiring.issue, wiring.root_ca)),
    ("root-ca-cert-publisher", lambda wiring: rootca.controller(wiring.root_ca)),
    ("namespace", lambda wiring: namespaces.controller(wiring.kinds)),
    ("resourcequota", lambda wiring: quota.controller(wiring.kinds)),
    ("garbagecollector", lambda wiring: garbage.controller(wiring.lookup)),
    ("clusterrole-aggregation", lambda _: aggregation.controller()),
    ("csrapproving", lambda wiring: csrapproving.controller(wiring.may)),
    ("csrsigning", lambda wiring: csrsigning.controller(wiring.signing)),
    ("csrcleaner", _as_is(csrcleaner.CONTROLLER)),
    ("replicaset", _as_is(replicasets.CONTROLLER)),
    ("replicationcontroller", _as_is(replicationcontrollers.CONTROLLER)),
    ("deployment", _as_is(deployments.CONTROLLER)),
    ("endpoint", lambda _: endpoints.controller()),
    ("endpointslice", lambda _: endpointslices.controller()),
    ("endpointslicemirroring", _as_is(endpointslicemirroring.CONTROLLER)),
    ("job", lambda _: jobs.controller()),
    ("cronjob", _as_is(cronjobs.CONTROLLER)),
    ("daemonset", lambda _: daemonsets.controller()),
    ("statefulset", _as_is(statefulsets.CONTROLLER)),
    ("nodelifecycle", lambda _: nodelifecycle.health_controller()),
    ("nodelifecycle", lambda _: nodelifecycle.eviction_controller()),
    ("podgc", lambda _: podgc.controller()),
    ("ttl", lambda _: nodettl.controller()),
    ("nodeipam", lambda _: nodeipam.controller()),
    ("disruption", _as_is(disruption.CONTROLLER)),
    ("persistentvolume-binder", _as_is(volumes.BINDER)),
    ("pvc-protection", _as_is(volumes.CLAIM_CONTROLLER)),
    ("pv-protection", _as_is(volumes.VOLUME_CONTROLLER)),
    ("bootstrapsigner", _as_is(bootstrapsigner.CONTROLLER)),
    ("tokencleaner", _as_is(tokencleaner.CONTROLLER)),
    ("horizontalpodautoscaling", _as_is(autoscaling.CONTROLLER)),
)
"""By the names that --controllers knows them by, in the order in which they start; some are two here."""

SCHEDULER = "scheduler"
"""kube-scheduler is a program of its own on a real cluster; here the same flag leaves it out."""
WITHOUT_WORK = frozenset(
    {
        "attachdetach", "cloud-node-lifecycle", "ephemeral-volume", "persistentvolume-expander", "route", "service",
        "ttl-after-finished",
    }
)  # fmt: skip
"""Those of kube-controller-manager that find nothing to do here: clouds, disks, features that are off."""
KNOWN = frozenset({name for name, _ in CONTROLLERS}) | WITHOUT_WORK | {SCHEDULER}
OFF_BY_DEFAULT = frozenset({"bootstrapsigner", "tokencleaner"})


def enabled(asked: Sequence[str]) -> frozenset[str]:
    """The names that --controllers asks for. The first word about a name counts; * is all that are on by default.

    Raises ValueError for a name that is not known.
    """
    for word in asked:
        if word != "*" and (name := word.removeprefix("-")) not in KNOWN:
            raise ValueError(f"{quote(name)} is not in the list of known controllers")
    return frozenset(name for name in KNOWN if _is_enabled(name, asked))


def _is_enabled(name: str, asked: Sequence[str]) -> bool:
    explicit = next((word for word in asked if word in (name, f"-{name}")), None)
    return explicit == name if explicit else "*" in asked and name not in OFF_BY_DEFAULT


def controllers(wiring: Wiring, names: Collection[str]) -> Sequence[Controller]:
    """Those of these names, in the order in which they start, and what kube-apiserver itself does."""
    chosen = [build(wiring) for name, build in CONTROLLERS if name in names]
    return [*chosen, definitions.controller(wiring.lookup), flowschemas.CONTROLLER]
