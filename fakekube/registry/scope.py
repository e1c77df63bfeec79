"""One operation of the registry: on what, as whom, how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct, field

from fakekube.apis.resource import Resource, Version
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.registry.attributes import Findings

Judge = Callable[[Object, Object | None], Awaitable[None]]
"""(new, old); it may change new. Raises StatusError."""


class Scope(Struct):
    """What a request or an in-process client asks of a resource."""

    resource: Resource
    version: Version
    user: UserInfo
    namespace: str = ""
    name: str = ""
    request_namespace: str = ""
    """What the path says: of a namespace's own requests, its name."""
    subresource: str = ""
    uid: str = ""
    """What the uid of an updated object has to be; "" for any."""
    manager: str = "unknown"
    """The field manager: the fieldManager parameter or the User-Agent's first word."""
    applied: bool = False
    """The object comes from server-side apply, which has set its managedFields."""
    admitted: bool = False
    """Admission has been passed already, by an endpoint that does its work through the store."""
    collective: bool = False
    """The deletion is one of a collection's; admission is not told a name then."""
    dry_run: bool = False
    options: Object = field(default_factory=dict)
    """CreateOptions, UpdateOptions, PatchOptions or DeleteOptions."""
    warnings: list[str] = field(default_factory=list)
    """Texts of Warning headers."""
    annotations: dict[str, str] = field(default_factory=dict)
    """What admission plugins note for the audit log."""
    findings: Findings = field(default_factory=dict)
    """What admission plugins note for the decision record."""
    explained: bool = False
    """Somebody may ask what admission plugins changed; those who write from within the process do not."""
    judge: Judge | None = None
    """What an endpoint wants to look at after mutating admission and before the kind's own rules."""
    may_create: Callable[[], Awaitable[None]] | None = None
    """Asked before an update creates the object; raises Forbidden (403)."""

    @property
    def key(self) -> Key:
        """Of the object that `name` says."""
        return Key(self.namespace, self.name)
