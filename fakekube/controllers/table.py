"""All controllers of kube-controller-manager that run here."""

from __future__ import annotations

from collections.abc import Sequence

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


class Wiring(Struct, frozen=True):
    """What controllers get from above."""

    root_ca: str
    """PEM of the authority that pods trust."""
    issue: tokens.Issue
    sign: csrsigning.Sign
    kinds: namespaces.Kinds
    lookup: garbage.Lookup
    may: csrapproving.May


def controllers(wiring: Wiring) -> Sequence[Controller]:
    """All of them, in the order in which they start."""
    return (
        serviceaccounts.CONTROLLER,
        tokens.controller(wiring.issue, wiring.root_ca),
        rootca.controller(wiring.root_ca),
        namespaces.controller(wiring.kinds),
        quota.controller(wiring.kinds),
        garbage.controller(wiring.lookup),
        aggregation.CONTROLLER,
        definitions.controller(wiring.lookup),
        csrapproving.controller(wiring.may),
        csrsigning.controller(wiring.sign),
        csrcleaner.CONTROLLER,
        replicasets.CONTROLLER,
        replicationcontrollers.CONTROLLER,
        deployments.CONTROLLER,
        endpoints.controller(),
        endpointslices.controller(),
        endpointslicemirroring.CONTROLLER,
        jobs.controller(),
        cronjobs.CONTROLLER,
        daemonsets.controller(),
        statefulsets.CONTROLLER,
        nodelifecycle.health_controller(),
        nodelifecycle.eviction_controller(),
        podgc.controller(),
        nodettl.controller(),
        nodeipam.controller(),
        disruption.CONTROLLER,
        volumes.BINDER,
        volumes.CLAIM_CONTROLLER,
        volumes.VOLUME_CONTROLLER,
        bootstrapsigner.CONTROLLER,
        tokencleaner.CONTROLLER,
        autoscaling.CONTROLLER,
    )
