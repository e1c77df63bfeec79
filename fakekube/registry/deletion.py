"""What a deletion does to an object: grace, finalizers, or gone at once. Pure; the store carries it out.

Follows rest.BeforeDelete and Store.Delete of apiserver's generic registry.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from fakekube.apis.resource import Resource
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_time, parse_time

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
POLICY_FINALIZERS = {"Orphan": ORPHAN, "Foreground": FOREGROUND}


class Plan(Struct, frozen=True):
    """What to do: neither of both means that the object is being deleted already and stays as it is."""

    object: Object
    write: bool = False
    """Store `object`: marked with a deletion timestamp, grace or finalizers."""
    remove: bool = False
    """Take it out of the storage (after writing it, so that watchers see both)."""


def check_preconditions(resource: Resource, metadata: Object, options: Object) -> None:
    """Raise Conflict (409) where uid or resourceVersion are not those that the options want."""
    wanted = options.get("preconditions") or {}
    uid, revision = wanted.get("uid"), wanted.get("resourceVersion")
    if uid is not None and uid != metadata["uid"]:
        why = (
            f"the UID in the precondition ({uid}) does not match the UID in record ({metadata['uid']}). "
            "The object might have been deleted and then recreated"
        )
        raise status.conflict(resource.type_group, resource.kind, metadata["name"], why)
    if revision is not None and revision != metadata["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({revision}) does not match the ResourceVersion in record "
            f"({metadata['resourceVersion']}). The object might have been modified"
        )
        raise status.conflict(resource.type_group, resource.kind, metadata["name"], why)


def policy_finalizer(resource: Resource, finalizers: list[str], options: Object) -> str:
    """The finalizer that the garbage collector acts on: by the options, by the object, by the kind; "" for none."""
    if resource.default_propagation == "Unsupported":
        return ""
    if options.get("orphanDependents") is not None:
        return ORPHAN if options["orphanDependents"] else ""
    if options.get("propagationPolicy"):
        return POLICY_FINALIZERS.get(options["propagationPolicy"], "")
    for finalizer in finalizers:
        if finalizer in (ORPHAN, FOREGROUND):
            return finalizer
    return ORPHAN if resource.default_propagation == "Orphan" else ""


def plan(resource: Resource, obj: Object, options: Object, now: float) -> Plan:
    """What this deletion means for `obj` (read-only). Raises Conflict (409)."""
    metadata = obj["metadata"]
    check_preconditions(resource, metadata, options)
    if resource.begin_deletion is not None and "deletionTimestamp" not in metadata:
        return Plan(resource.begin_deletion(obj, now), write=True)
    changed: dict[str, Any] = {}
    pending, graceful = _grace(resource, obj, options, now, changed)
    if pending:
        return Plan(obj)
    finalizers = metadata.get("finalizers", [])
    kept = [name for name in finalizers if name not in (ORPHAN, FOREGROUND)]
    if policy := policy_finalizer(resource, finalizers, options):
        kept.append(policy)
    if set(kept) != set(finalizers):
        changed["finalizers"] = kept
    else:
        kept = finalizers
    held = bool(kept) or (resource.held is not None and resource.held(obj))
    if not graceful and not held:
        return Plan(obj, remove=True)
    if not graceful:
        _mark_now(metadata, changed, now)
    marked = {**obj, "metadata": {k: v for k, v in {**metadata, **changed}.items() if v != []}}
    if resource.mark_deleted is not None:
        resource.mark_deleted(marked)
    period = marked["metadata"].get("deletionGracePeriodSeconds") or 0  # below zero it is over already
    return Plan(marked, write=True, remove=not held and period <= 0)


def _grace(resource: Resource, obj: Object, options: Object, now: float, changed: dict[str, Any]) -> tuple[bool, bool]:
    """(already being deleted and nothing new, graceful)."""
    metadata = obj["metadata"]
    if resource.grace_period is None:
        return False, False
    asked = options.get("gracePeriodSeconds")
    if "deletionTimestamp" in metadata:
        current = metadata.get("deletionGracePeriodSeconds", 0)
        if not current:
            return False, False
        if asked is None or asked >= current:
            return True, False
        since = parse_time(metadata["deletionTimestamp"]) - current
        changed.update(deletionTimestamp=format_time(since + asked), deletionGracePeriodSeconds=asked)
        return False, True
    period = resource.grace_period(obj, asked)
    changed.update(deletionTimestamp=format_time(now + period), deletionGracePeriodSeconds=period)
    if metadata.get("generation", 0) > 0:
        changed["generation"] = metadata["generation"] + 1
    return False, True


def _mark_now(metadata: Object, changed: dict[str, Any], now: float) -> None:
    if "deletionTimestamp" not in metadata and metadata.get("generation", 0) > 0:
        changed["generation"] = metadata["generation"] + 1
    if "deletionTimestamp" not in metadata or parse_time(metadata["deletionTimestamp"]) > now:
        changed["deletionTimestamp"] = format_time(now)
    changed["deletionGracePeriodSeconds"] = 0
