"""`Resource`: everything that the API machinery knows about one kind, as data and small pure functions.

A built-in kind declares one in its module; a CustomResourceDefinition makes the very same at run time. Generic code
asks a Resource, never the name of a kind. Follows apiserver's registry/rest strategies and printers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct, field

from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object, UserInfo

Mutate = Callable[[Any], None]
"""Changes the object in place."""
Convert = Callable[[Any], Object]
"""Gives the object in another version's shape; it may reuse parts of its argument, which is not used again."""
MutateUpdate = Callable[[Any, Any], None]
"""(new, old): changes new in place; old is read-only."""
Export = Callable[[Any, bool], None]
"""(object, exact): changes the object in place."""
Sign = Callable[[Any, UserInfo], None]
"""(new, user): writes into new who made it."""
Stamp = Callable[[Any, Any, float], None]
"""(new, old, now): writes moments into new; old is read-only."""
Validate = Callable[[Any], Iterator[FieldError]]
ValidateUpdate = Callable[[Any, Any], Iterator[FieldError]]
"""(new, old)"""

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
STATUS_VERBS = ("get", "patch", "update")


class Column(Struct, frozen=True):
    """A column of the Table. `value` is a path into the object (".spec.type") or a function of (object, now)."""

    name: str
    type: str
    value: str | Callable[[Any, float], Any]
    priority: int = 0
    """0 is shown always, 1 with -o wide only."""
    format: str = ""
    description: str = ""


class Version(Struct, frozen=True):
    """A version in which a kind is served."""

    name: str
    storage: bool = False
    """The one version in which the kind's functions, the store and controllers see its objects."""
    since: str = ""
    """The first release that serves it ("1.19"); "" for always."""
    until: str = ""
    """The first release that does not serve it any more ("1.22"); "" for still."""
    defaults: Mutate | None = None
    """Defaults of this version, applied to what a client sent before conversion."""
    to_storage: Convert | None = None
    from_storage: Convert | None = None
    deprecated: str = ""
    """The text of the Warning header that every request for this version is answered with."""
    validate: Validate | None = None
    """In place of the resource's: clients of this version are judged in a way of its own."""
    validate_update: ValidateUpdate | None = None
    columns: tuple[Column, ...] = ()
    """Of the Table, in place of the resource's: versions of custom resources have columns of their own."""

    def served(self, release: tuple[int, int]) -> bool:
        """Whether this release serves the version."""
        return _release(self.since, (0, 0)) <= release < _release(self.until, (999, 0))


@cache
def _release(text: str, default: tuple[int, int]) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if text else default


class Subresource(Struct, frozen=True):
    """A subresource as discovery lists it. One that has an `endpoint` module of its own is served there."""

    name: str
    verbs: tuple[str, ...] = STATUS_VERBS
    group: str = ""
    version: str = ""
    kind: str = ""
    """Where kind is "": the resource's own kind, with no group and version in discovery."""
    versions: tuple[str, ...] = ()
    """The resource's versions that have it; () for all."""
    prepare_update: MutateUpdate | None = None
    """What of `new` survives an update through this subresource (default for "status": all but spec and metadata)."""
    stamp: Stamp | None = None
    """Moments that such an update leaves behind; called after prepare_update."""
    validate_update: ValidateUpdate | None = None


def _spec(obj: Any) -> Any:
    return obj.get("spec")


class Resource(Struct, frozen=True, kw_only=True):
    """A kind and its rules. All functions see objects of the storage version and do no I/O."""

    group: str
    plural: str
    kind: str
    versions: tuple[Version, ...]
    """In the order of preference."""
    namespaced: bool = True
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STANDARD_VERBS
    subresources: tuple[Subresource, ...] = ()
    stored_under: str | None = None
    """The group whose objects these really are: Events of events.k8s.io are those of the core group."""
    persisted: str = ""
    """The version that the real server keeps, if that is not `storage` here; the storageVersionHash tells clients."""
    persist: Convert | None = None
    """What it comes to when it is written in the `persisted` version and read again; called before it is stored."""
    read_over: Callable[[Any, Any], Object] | None = None
    """(new, old): what a dry run of an update answers, if not new: the real server reads it over the old object."""
    kept_as_json: bool = False
    """The real server keeps it as JSON; others it keeps as protobuf, in which empty lists and maps become null."""
    verbatim: str = ""
    """The field of which the real server keeps the very text: that of an object, told by machinery.jsontext."""
    tracked: bool = True
    """Who wrote which field is kept in managedFields."""
    field_annotations: tuple[str, ...] = ()
    """Annotations that stand for fields of the real server's own form: where metadata alone is shown, they are not."""
    stored: bool = True
    """False for what only an endpoint answers, such as reviews."""
    invalid_group: str | None = None
    """The group that a 422 and a 409 name by which the object is not the one that was meant; None for its own.
    Kinds that once were in extensions are still called so there.
    """
    list_kind: str = ""

    validate_name: Callable[[str], Iterable[str]] = dns_subdomain
    """Gives what is wrong with metadata.name."""
    metadata_last: bool = False
    """A new object's metadata is judged only after `validate` has found nothing; else it comes first."""
    prepare_create: Mutate | None = None
    sign: Sign | None = None
    """What a new object says of its maker (certificate requests); called after prepare_create."""
    prepare_update: MutateUpdate | None = None
    """Fields that a client cannot set are taken from old here; the status is, wherever there is such a subresource."""
    validate: Validate | None = None
    validate_update: ValidateUpdate | None = None
    """Beyond `validate`, which an update does not imply: a kind whose updates repeat it calls it itself."""
    generation: bool = False
    """metadata.generation counts the changes of what `counted` gives."""
    counted: Callable[[Any], Any] = _spec
    counts_empty: bool = False
    """A list, map or bytes that are empty and yet there count as a change too, each time they are sent."""
    returns_deleted: bool = False
    """A DELETE answers with the object instead of a Status (pods, services and others)."""
    create_keeps_status: bool = False
    """A create may set the status, though there is a subresource for it (nodes)."""
    held: Callable[[Any], bool] | None = None
    """Whether something besides metadata.finalizers keeps a deleted object (namespaces: spec.finalizers)."""
    begin_deletion: Callable[[Any, float], Object] | None = None
    """(object, now): what the first deletion makes of the object, instead of all else (definitions)."""
    mark_deleted: Mutate | None = None
    """What else changes when the deletion of a held object begins (namespaces: the phase)."""
    exportable: bool = True
    """A GET may ask for the object as it would be created (?export=true)."""
    export: Export | None = None
    """What an export leaves out besides, unless it is to be exact; called after prepare_create."""
    create_on_update: bool = False
    """A PUT to a name that does not exist creates it."""
    unconditional_update: bool = True
    """An update may leave out the resourceVersion."""
    grace_period: Callable[[Any, int | None], int] | None = None
    """(object, asked for) -> seconds until a deletion takes effect; None: kinds that go at once."""
    default_propagation: str = "Background"
    """What happens to dependents if nobody says: "Background" or "Orphan"; "Unsupported": nobody can say."""
    selectable: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    """Field selectors beyond metadata.name and metadata.namespace."""
    not_selectable: str = ""
    """How the refusal of any other field reads; {} is that field. "" is the usual text."""
    custom: bool = False
    """Defined at run time: no protobuf, no strategic merge patches."""
    deduced: bool = False
    """managedFields know nothing of its schema: every list is one value, every map is a map of fields."""
    ending: bool = False
    """Its definition is being deleted: nothing can be created any more."""
    written_in: str = ""
    """The version that the server's own controllers update it in, which managedFields tell; "": the storage version."""
    watch_cached: bool = True
    """False for events: reads of them never come from the real server's watch cache, and fail in other words."""
    columns: tuple[Column, ...] = ()
    """Of the Table; () for Name and Created At."""
    row_conditions: Callable[[Any], list[Object]] | None = None
    """What a Table's row says of its object beside the cells."""
    row_order: Callable[[Any], Any] | None = None
    """Sort key of a Table's rows; None: as the list has them."""
    warnings: Callable[[Any], Iterable[str]] | None = None
    """Texts of Warning headers for a created or updated object."""

    @property
    def stored_group(self) -> str:
        """The group under which the objects are kept."""
        return self.group if self.stored_under is None else self.stored_under

    @property
    def type_group(self) -> str:
        """The group of the real server's own type, which some messages name."""
        return self.group if self.invalid_group is None else self.invalid_group

    @property
    def list_kind_name(self) -> str:
        """The kind of a list of it."""
        return self.list_kind or f"{self.kind}List"

    @property
    def storage_version(self) -> Version:
        """The version that objects are kept in."""
        return next(version for version in self.versions if version.storage)

    def persisted_in(self, release: tuple[int, int]) -> str:
        """The version that the real server of that release keeps; a release keeps none that it does not serve."""
        served = [version.name for version in self.versions if version.served(release)]
        kept = self.persisted or self.storage_version.name
        return kept if kept in served else served[0]

    @property
    def qualified(self) -> str:
        """How messages name it: "pods", "deployments.apps"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def version(self, name: str) -> Version:
        """That version of it. Raises KeyError."""
        for version in self.versions:
            if version.name == name:
                return version
        raise KeyError(name)

    def subresource(self, name: str, version: str = "") -> Subresource | None:
        """The subresource of that name, as that version has it (any, if none is given)."""
        for sub in self.subresources:
            if sub.name == name and (not version or not sub.versions or version in sub.versions):
                return sub
        return None


def api_version(group: str, version: str) -> str:
    """ "v1", "apps/v1"."""
    return f"{group}/{version}" if group else version
