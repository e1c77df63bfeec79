"""Evictions: deletions of pods that disruption budgets may refuse. Follows EvictionREST of registry/core/pod."""

from __future__ import annotations

from msgspec.structs import replace

from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.podspec.walk import is_ready
from fakekube.apis.policy.poddisruptionbudgets import RESOURCE as BUDGETS
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import selectors, status
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_time
from fakekube.registry.attributes import CREATE
from fakekube.registry.scope import Scope
from fakekube.registry.store import Store

MOST_DISRUPTED = 2000
IGNORED = ("Succeeded", "Failed", "Pending")
"""Phases in which a pod serves nobody."""
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
TOO_MANY_BUDGETS = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
TOO_MANY_DISRUPTED = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"


async def create(scope: Scope, eviction: Object, services: Services) -> Answer:
    """Delete the pod unless its budget forbids that. Raises BadRequest (400), NotFound (404), Conflict (409), 429."""
    attributes = await services.registry.admit(CREATE, scope, eviction)
    if eviction["metadata"].get("name", "") != scope.name:
        raise status.bad_request("name in URL does not match name in Eviction object")
    options = _options(scope, eviction)
    await services.registry.judge(attributes)
    deletion = replace(
        scope,
        resource=PODS,
        version=PODS.storage_version,
        subresource="",
        options=options,
        dry_run=bool(options.get("dryRun")),
        admitted=True,
    )
    pods = services.registry.store(PODS)
    pod = pods.get(deletion).object
    if not _is_ignored(pod):
        await _ask_budget(pod, deletion, services)
    await pods.delete(deletion)
    return {**status.success(), "code": 201}


def _options(scope: Scope, eviction: Object) -> Object:
    """The DeleteOptions; a dry run may be asked for in them or in the request."""
    options = dict(eviction.get("deleteOptions") or {})
    asked, own = scope.options.get("dryRun") or [], options.get("dryRun") or []
    if asked and own and asked != own:
        shown = (f"[{' '.join(names)}]" for names in (asked, own))
        why = "Non-matching dry-run options in request and content: {} and {}".format(*shown)
        raise status.StatusError(status.failure(500, "", why))
    if asked:
        options["dryRun"] = asked
    return options


def _is_ignored(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in IGNORED or "deletionTimestamp" in pod["metadata"]


async def _ask_budget(pod: Object, scope: Scope, services: Services) -> None:
    """Count the disruption against the pod's budget. Raises 429, 403, 500 for more than one budget."""
    store = services.registry.store(BUDGETS)
    budgets = _budgets(pod, store)
    if len(budgets) > 1:
        raise status.StatusError(status.failure(500, "", TOO_MANY_BUDGETS))
    if not budgets:
        return
    state = budgets[0].get("status") or {}
    wanted = state.get("desiredHealthy", 0)
    if not is_ready(pod) and state.get("currentHealthy", 0) >= wanted > 0:
        return

    async def disrupted(budget: Object | None) -> Object:
        if budget is None:
            raise status.not_found(BUDGETS.group, BUDGETS.plural, budgets[0]["metadata"]["name"])
        _check(budget)
        return _counted(budget, scope.name, format_time(services.registry.clock.now()))

    name = budgets[0]["metadata"]["name"]
    on_budget = replace(
        scope, resource=BUDGETS, version=BUDGETS.storage_version, name=name, subresource="status", options={}
    )
    await store.update(on_budget, disrupted)


def _budgets(pod: Object, store: Store) -> list[Object]:
    labels = pod["metadata"].get("labels")
    if not labels:
        return []
    found = [entry.object for entry in store.collection.list(pod["metadata"]["namespace"])]
    return [budget for budget in found if _matches(budget, labels)]


def _matches(budget: Object, labels: Object) -> bool:
    try:
        selector = selectors.from_object((budget.get("spec") or {}).get("selector"))
    except ValueError:
        return False
    return not selector.empty and selector.matches(labels)


def _check(budget: Object) -> None:
    """Raises TooManyRequests (429), Forbidden (403)."""
    name, state = budget["metadata"]["name"], budget.get("status") or {}
    allowed = state.get("disruptionsAllowed", 0)
    if state.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        raise _refusal(f"The disruption budget {name} is still being processed by the server.")
    if allowed < 0:
        raise status.forbidden("policy", "poddisruptionbudget", name, "pdb disruptions allowed is negative")
    if len(state.get("disruptedPods") or ()) > MOST_DISRUPTED:
        raise status.forbidden("policy", "poddisruptionbudget", name, TOO_MANY_DISRUPTED)
    if not allowed:
        healthy = f"{state.get('desiredHealthy', 0)} healthy pods and has {state.get('currentHealthy', 0)} currently"
        raise _refusal(f"The disruption budget {name} needs {healthy}")


def _refusal(why: str) -> status.StatusError:
    cause = {"reason": "DisruptionBudget", "message": why}
    return status.StatusError(status.failure(429, "TooManyRequests", REFUSED, {"causes": [cause]}))


def _counted(budget: Object, pod: str, now: str) -> Object:
    state = budget.get("status") or {}
    disrupted = {**(state.get("disruptedPods") or {}), pod: now}
    counted = {**state, "disruptionsAllowed": state["disruptionsAllowed"] - 1, "disruptedPods": disrupted}
    return {**budget, "metadata": {**budget["metadata"]}, "status": counted}


ENDPOINTS = (Endpoint(PODS.group, PODS.plural, "eviction", create=create),)
