"""Server-side apply and the tracking of who changed what. Follows apiserver's fieldmanager of v1.20.

Objects are dicts in the API version of the request, complete as Go would write them (see machinery.completion);
arguments are never changed. Every write goes through FieldManager.update, a PATCH of apply-patch+yaml through apply.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import orjson
from msgspec import Struct
from msgspec.structs import replace

from fakekube.machinery import status
from fakekube.machinery.apply import fieldset, lastapplied, managers
from fakekube.machinery.apply.compiler import DEDUCED, Compiler
from fakekube.machinery.apply.fieldset import Node
from fakekube.machinery.apply.managers import Entry, Key, Managed
from fakekube.machinery.apply.plans import Plan, Unmanageable, problems_text
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors, restore
from fakekube.machinery.schema import Type
from fakekube.machinery.status import StatusError

BEFORE_APPLY = "before-first-apply"
"""Who owns what nobody owned when an object is applied for the first time."""

REMEMBERED = 1_000
"""Sets that one manager knows."""
UNTRACKED = frozenset(
    ("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields")
) | {"resourceVersion"}
"""Fields of metadata that nobody comes to own."""
STRIPPED: Node = {"f:apiVersion": {}, "f:kind": {}, "f:metadata": {".": {}} | {f"f:{name}": {} for name in UNTRACKED}}

Convert = Callable[[Object, str], Object]
"""An object in another API version. Raises LookupError for a version that is not there."""
TypeOf = Callable[[str, str], Type]
"""The type of (API version, kind). Raises LookupError."""


class Comparison(Struct, frozen=True):
    """What differs between two objects."""

    changed: Node
    removed: Node

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


Conflict = tuple[Key, fieldset.Path]


class Conflicts(Exception):
    """Fields that others own: (owner, path)."""

    def __init__(self, listed: list[Conflict]) -> None:
        super().__init__("conflicts")
        self.listed = listed


def no_conversion(obj: Object, version: str) -> Object:
    """For kinds that have one version."""
    raise LookupError(version)


class FieldManager:
    """Of one kind in one API version."""

    def __init__(
        self,
        type_: Type,
        api_version: str,
        kind: str,
        *,
        compiler: Compiler | None = None,
        convert: Convert = no_conversion,
        type_of: TypeOf | None = None,
        subresource: bool = False,
        deduced: bool = False,
    ) -> None:
        """`compiler` is to be shared by all kinds. `subresource`: managedFields in a request are not looked at.
        `deduced`: the fields of a custom resource are told by its values, not by a schema.
        """
        self._type = type_
        self._version = api_version
        self._kind = kind
        self._compiler = compiler or Compiler()
        self._plan: Plan = DEDUCED if deduced else self._compiler.plan(type_)
        self._convert = convert
        self._type_of = type_of
        self._subresource = subresource
        self._deduced = deduced
        self._known: dict[bytes, Node] = {}
        """Sets that entries share, by their JSON."""

    # ── updates ──

    def update(self, live: Object | None, new: Object, manager: str, time: str) -> Object:
        """`new` with the managedFields that follow from what `manager` changed; `live` is None on creation.

        `time` is RFC 3339. What cannot be tracked (two items of a list that are the same) loses its managedFields.
        """
        before = live if live is not None else self._blank
        managed, trusted = self._managed(before, new)
        if not managed and live is not None:  # an object that is not tracked starts to be with the first apply
            return with_managed_fields(new, {})
        try:
            after = self._updated(before, new, managed, managers.updater(manager, self._version), time)
        except (Unmanageable, RecursionError):
            return with_managed_fields(new, {})
        if after is managed and trusted and live is not None:
            return _with_entries(new, live["metadata"].get("managedFields"))
        return with_managed_fields(new, after)

    @cached_property
    def _blank(self) -> Object:
        """What an object is compared with that was not there before."""
        empty = self._type.empty() if self._type.go else {"metadata": {}}
        return {**empty, "kind": self._kind, "apiVersion": self._version}

    def _managed(self, live: Object, new: Object) -> tuple[Managed, bool]:
        """The managers that a request leaves: those of the object it sends, if it sends any; and whether we wrote them.

        An empty list, or a list of one empty entry, resets them.
        """
        known = live.get("metadata", {}).get("managedFields") or ()
        sent = new.get("metadata", {}).get("managedFields")
        if sent is not None and not self._subresource and sent is not known:
            if not sent or sent == [{}]:
                return {}, False
            if sent != known and (managed := _decoded(sent, trusted=False)):
                return managed, False
        return _decoded(known, trusted=True), True

    def _updated(self, live: Object, new: Object, managed: Managed, key: Key, time: str) -> Managed:
        """The managers after an update by one of them; `managed` itself if nothing changed."""
        former = managed.get(key)
        reconciled = self._reconciled(live, managed)
        comparison = self._compare(_trackable(live), _trackable(new), self._plan)
        if not comparison and reconciled is managed:
            return managers.cap(managed)
        after, _ = self._disowned(live, new, comparison, reconciled, None, force=True)
        own = fieldset.difference(comparison.changed, comparison.removed)
        if own:
            previous = after.get(key)
            fields = fieldset.union(own, previous.fields) if previous else own
            unchanged = former is not None and former.fields == fields
            after[key] = Entry(self._version, self._shared(fields), former.time if former and unchanged else time)
        return managers.cap(after)

    def _shared(self, fields: Node) -> Node:
        """The set as it is known already: objects of a kind are much alike, and their sets larger than they are."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        return self._known.setdefault(orjson.dumps(fields), fields)

    def _compare(self, old: Object, new: Object, plan: Plan) -> Comparison:
        changed, removed = plan.compare(old, new)
        return Comparison(changed or {}, removed or {})

    def _reconciled(self, live: Object, managed: Managed) -> Managed:
        """The sets as the types of today have them. Managers of versions that are no more are dropped."""
        out = managed
        for key, entry in managed.items():
            try:
                plan = self._plan_in(entry.version)
                shown = self._between(live, self._version, entry.version)
            except LookupError:
                out = {other: value for other, value in out.items() if other != key}
                continue
            fields = entry.fields if self._deduced else plan.reconcile(entry.fields, shown)
            if fields is not entry.fields:
                out = {**out, key: replace(entry, fields=fields)}
        return out

    def _plan_in(self, version: str) -> Plan:
        """The plan of this kind in a version. Raises LookupError."""
        if version == self._version or self._deduced:
            return self._plan
        if self._type_of is None:
            raise LookupError(version)
        return self._compiler.plan(self._type_of(version, self._kind))

    def _between(self, obj: Object, version: str, other: str) -> Object:
        """An object of one version in another. Raises LookupError."""
        return obj if version == other else self._convert(obj, other)

    def _disowned(
        self, live: Object, new: Object, comparison: Comparison, managed: Managed, key: Key | None, force: bool
    ) -> tuple[Managed, Comparison]:
        """The managers without what a change by `key` took from the others. Raises Conflicts unless `force`."""
        comparisons = {self._version: comparison}
        after: Managed = {}
        conflicts: dict[Key, Node] = {}
        for other, entry in managed.items():
            if other == key:
                after[other] = entry
                continue
            try:
                if entry.version not in comparisons:
                    comparisons[entry.version] = self._compare_in(live, new, entry.version)
            except LookupError:
                continue
            theirs = comparisons[entry.version]
            if taken := fieldset.intersection(entry.fields, theirs.changed):
                conflicts[other] = taken
            fields = fieldset.difference(fieldset.difference(entry.fields, taken), theirs.removed)
            if fields:
                after[other] = entry if fields == entry.fields else replace(entry, fields=fields)
        if conflicts and not force:
            owners = sorted(conflicts, key=str)  # Go's order is by chance
            raise Conflicts([(owner, path) for owner in owners for path in fieldset.paths(conflicts[owner])])
        return after, comparison

    def _compare_in(self, live: Object, new: Object, version: str) -> Comparison:
        old, new = (self._between(obj, self._version, version) for obj in (live, new))
        return self._compare(old, new, self._plan_in(version))

    # ── apply ──

    def apply(self, live: Object | None, applied: Any, manager: str, force: bool, time: str) -> Object:
        """The object as an applied configuration makes it, with its managedFields; `live` is None on creation.

        What comes back is still to be completed and defaulted. Raises StatusError: 409 for conflicts, 400 or 500.
        """
        before = live if live is not None else self._blank
        managed = self._decoded_live(before)
        try:
            if not managed:
                managed = self._owned_before(before, time)
            obj, after = self._applied_or_refused(before, applied, managed, manager, force, time)
        except RecursionError:
            raise status.bad_request("exceeded max depth") from None
        if manager == lastapplied.MANAGER:
            obj = lastapplied.refreshed(obj, applied)
        return with_managed_fields(obj, after)

    def _decoded_live(self, live: Object) -> Managed:
        try:
            return managers.decode(live.get("metadata", {}).get("managedFields") or (), trusted=True)
        except ValueError as error:
            raise errors.unreasonable(f"failed to decode managed fields: {error}") from None

    def _owned_before(self, live: Object, time: str) -> Managed:
        try:
            key = managers.updater(BEFORE_APPLY, self._version)
            return self._updated(self._blank, live, {}, key, time)
        except Unmanageable:
            text = f"failed to convert new object ({self._gvk()}) to smd typed: {self._complaint(live)}"
            raise errors.unreasonable(f"failed to create manager for existing fields: {text}") from None

    def _gvk(self) -> str:
        return gvk_text(self._version, self._kind)

    def _complaint(self, obj: Object) -> str:
        return problems_text(list(self._plan.problems(obj)))

    def _applied_or_refused(
        self, live: Object, applied: Any, managed: Managed, manager: str, force: bool, time: str
    ) -> tuple[Object, Managed]:
        """Client-side apply hands over: what it wrote last may be changed by "kubectl" without force."""
        try:
            return self._applied(live, applied, managed, manager, force, time)
        except Conflicts as conflicts:
            listed = conflicts.listed
            allowed = lastapplied.owned(live, self._plan, self._version) if manager == lastapplied.MANAGER else None
            if allowed is not None:
                listed = [(owner, path) for owner, path in listed if not fieldset.has(allowed, path)]
            if listed:
                raise conflict_error(listed) from None
        return self._applied(live, applied, managed, manager, True, time)

    def _applied(
        self, live: Object, applied: Any, managed: Managed, manager: str, force: bool, time: str
    ) -> tuple[Object, Managed]:
        self._check_applied(applied)
        try:
            return self._merged(live, applied, managed, managers.applier(manager), force, time)
        except Unmanageable:
            raise errors.unreasonable(f"failed to create typed live object: {self._complaint(live)}") from None

    def _check_applied(self, applied: Any) -> None:
        """Raises StatusError for what cannot be a configuration of this kind."""
        version = _text(applied.get("apiVersion"))
        if version != self._version:
            found = f"Specified patch version: {version}, expected: {self._version}"
            raise status.bad_request(f"Incorrect version specified in apply patch. {found}")
        metadata = applied.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("managedFields"), list):
            raise status.bad_request("metadata.managedFields must be nil")
        problems = list(self._plan_of_kind(_text(applied.get("kind"))).problems(applied))
        if problems:
            raise errors.unreasonable(f"failed to create typed patch object: {problems_text(problems)}")
        if applied.get("kind") != self._kind:
            got = "{0xc000000000 {<nil> <nil> <nil>}}"  # where the real server shows two addresses in its memory
            text = f"expected objects of the same type, but got {got} and {got}"
            raise errors.unreasonable(f"failed to merge config: {text}")

    def _plan_of_kind(self, kind: str) -> Plan:
        if kind == self._kind:
            return self._plan
        try:
            if self._type_of is None:
                raise LookupError(kind)
            return self._compiler.plan(self._type_of(self._version, kind))
        except LookupError:
            text = f"no corresponding type for {gvk_text(self._version, kind)}"
            raise errors.unreasonable(f"failed to create typed patch object: {text}") from None

    def _merged(
        self, live: Object, applied: Any, managed: Managed, key: Key, force: bool, time: str
    ) -> tuple[Object, Managed]:
        current, former = without_managed_fields(live), managed
        managed = self._reconciled(current, managed)
        merged = self._plan.merge(current, applied)
        last = managed.get(key)
        fields = self._plan.field_set(applied) or {}
        claimed = {**managed, key: Entry(self._version, fields, last.time if last else None)}
        if last is not None and last.fields:
            merged = self._pruned(merged, claimed, key, last)
        comparison = self._compare(current, merged, self._plan)
        after, _ = self._disowned(current, merged, comparison, claimed, key, force)
        self._settle(after, key)
        obj = self._restored(merged) if comparison else live
        if key in after and (comparison or not _same(after, former)):
            after[key] = replace(after[key], time=time)
        return obj, after

    def _settle(self, managed: Managed, key: Key) -> None:
        """Take from the applier what nobody owns."""
        kept = fieldset.difference(managed[key].fields, STRIPPED)
        if kept:
            managed[key] = replace(managed[key], fields=kept)
        else:
            del managed[key]

    def _restored(self, merged: Object) -> Object:
        if (text := restore.misfit(merged, self._type)) is not None:
            text = f"unable to convert unstructured object to {self._gvk()}: {text}"
            raise errors.unreasonable(f"failed to convert new object to proper version: {text}")
        return merged

    def _pruned(self, merged: Object, managed: Managed, key: Key, last: Entry) -> Object:
        """Without what the applier applied last, does not apply now, and nobody else owns."""
        try:
            plan = self._plan_in(last.version)
            full = self._between(merged, self._version, last.version)
        except LookupError:
            return merged
        pruned = self._with_owned(full, plan.remove(full, last.fields), last.version, managed)
        pruned = self._without_dangling(full, pruned, plan, last)
        return self._between(pruned, last.version, managed[key].version)

    def _with_owned(self, full: Object, pruned: Object, version: str, managed: Managed) -> Object:
        """Put back what any manager owns, version by version; both objects are in `version`."""
        owned: dict[str, Node] = {}
        for entry in managed.values():
            owned[entry.version] = fieldset.union(owned.get(entry.version, {}), entry.fields)
        for other, fields in owned.items():
            try:
                plan = self._plan_in(other)
                shown, kept = (self._between(obj, version, other) for obj in (full, pruned))
            except LookupError:
                continue
            wanted = fieldset.union(plan.field_set(kept) or {}, fields)
            rest = plan.remove(shown, fieldset.difference(plan.field_set(shown) or {}, wanted)) or {}
            pruned = self._between(rest, other, version)
        return pruned

    def _without_dangling(self, full: Object, pruned: Object, plan: Plan, last: Entry) -> Object:
        """Of what is to go, only that goes which the applier itself owned."""
        gone = fieldset.difference(plan.field_set(full) or {}, plan.field_set(pruned) or {})
        kept: Object = plan.remove(full, fieldset.intersection(gone, last.fields)) or {}
        return kept


def _decoded(entries: Any, trusted: bool) -> Managed:
    """Nobody, for entries that cannot be read."""
    try:
        return managers.decode(entries, trusted)
    except (ValueError, TypeError, AttributeError):
        return {}


def _same(left: Managed, right: Managed) -> bool:
    return {k: (e.version, e.fields) for k, e in left.items()} == {k: (e.version, e.fields) for k, e in right.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def gvk_text(api_version: str, kind: str) -> str:
    """As Go prints a GroupVersionKind: "/v1, Kind=Pod"."""
    group, _, version = api_version.rpartition("/")
    return f"{group}/{version}, Kind={kind}"


def _trackable(obj: Object) -> Object:
    """The part of an object that somebody may own."""
    part = {key: value for key, value in obj.items() if key != "apiVersion" and key != "kind"}
    metadata = obj.get("metadata") or {}
    part["metadata"] = {key: value for key, value in metadata.items() if key not in UNTRACKED}
    return part


def without_managed_fields(obj: Object) -> Object:
    """The object as nobody had ever tracked it."""
    metadata = obj.get("metadata")
    if not metadata or "managedFields" not in metadata:
        return obj
    return {**obj, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}


def with_managed_fields(obj: Object, managed: Managed) -> Object:
    """The object with these managers; without managedFields if there are none."""
    return _with_entries(obj, managers.encode(managed) if managed else None)


def _with_entries(obj: Object, entries: list[Any] | None) -> Object:
    if not entries:
        return without_managed_fields(obj)
    return {**obj, "metadata": {**(obj.get("metadata") or {}), "managedFields": entries}}


def conflict_error(conflicts: list[Conflict]) -> StatusError:
    """409: every field that somebody else owns, with the owner."""
    listed = [(owner.shown(), fieldset.path_text(path)) for owner, path in conflicts]
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {owner}", "field": path} for owner, path in listed
    ]
    if len(listed) == 1:
        text = f"Apply failed with 1 conflict: conflict with {listed[0][0]}: {listed[0][1]}"
    else:
        lines = [f"Apply failed with {len(listed)} conflicts: conflicts with {listed[0][0]}:"]
        for at, (owner, path) in enumerate(listed):
            if at and owner != listed[at - 1][0]:
                lines.append(f"conflicts with {owner}:")
            lines.append(f"- {path}")
        text = "\n".join(lines)
    return StatusError(status.failure(409, "Conflict", text, {"causes": causes}))
