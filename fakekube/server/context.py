"""What is known about one request, filled in as it passes the stations."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse
from msgspec import Struct, field
from multidict import MultiMapping

from fakekube.apis.resource import Resource, Version
from fakekube.authn.request import Identity
from fakekube.authz.attributes import Attributes, Verdict
from fakekube.machinery.headers import warning_values
from fakekube.machinery.objects import UserInfo
from fakekube.registry.attributes import Findings
from fakekube.registry.codec import Codec
from fakekube.server.audit.record import Record
from fakekube.server.flows import Flow
from fakekube.server.requestinfo import RequestInfo

ANONYMOUS = UserInfo("system:anonymous", groups=("system:unauthenticated",))


class PlainError(Exception):
    """An answer in plain text: the few that the real server gives before it knows what a Status is."""

    def __init__(self, text: str, code: int = 500, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.headers = headers or {}


class Decision(Struct):
    """Why a request was answered as it was; kept by audit ID."""

    audit_id: str
    method: str
    uri: str
    started: float
    """Seconds since the epoch."""
    user_agent: str = ""
    info: RequestInfo | None = None
    identity: Identity | None = None
    rejected: tuple[str, ...] = ()
    """What authenticators found wrong with the credentials, where none took them."""
    impersonated: UserInfo | None = None
    asked: Attributes | None = None
    """What authorization last decided on: the request, or an impersonation that was refused."""
    verdict: Verdict | None = None
    annotations: dict[str, str] = field(default_factory=dict)
    """What admission plugins noted for the audit log."""
    findings: Findings = field(default_factory=dict)
    """What admission plugins found, by their names: PodSecurityPolicy, how the pod fared under each policy."""
    code: int = 0
    message: str = ""
    """Of a Status that refused the request."""
    fault: str = ""
    """What went wrong in the server itself, if anything did."""
    latency: dict[str, float] = field(default_factory=dict)
    """Seconds each station took."""
    last: float = field(default_factory=time.perf_counter)
    """When the last station was done."""

    def lap(self, station: str) -> None:
        """The station is done."""
        now = time.perf_counter()
        self.latency[station] = now - self.last
        self.last = now


class RequestContext(Struct):
    """One request on its way through the chain; the comment names the station that sets a field."""

    request: BaseRequest
    info: RequestInfo
    query: MultiMapping[str]
    decision: Decision
    codec: Codec
    publish: Callable[[Decision], None]
    """Called with the decision once the answer begins."""
    user: UserInfo = ANONYMOUS  # authenticate, impersonate
    resource: Resource | None = None  # route
    version: Version | None = None  # route
    warnings: list[str] = field(default_factory=list)  # any
    audit: Record | None = None  # audit
    flow: Flow | None = None  # limit_flow
    counted: str = ""  # limit_flow: as what it is among the requests under way

    @property
    def accept(self) -> str:
        """The Accept header that counts: the first, if there are several."""
        return self.request.headers.get("Accept", "")

    def finish(self, response: StreamResponse) -> None:
        """The headers that every answer has; to be called before it is prepared."""
        self.answered(response.status)
        headers = response.headers
        headers["Audit-Id"] = self.decision.audit_id
        headers["Cache-Control"] = "no-cache, private"
        if self.flow is not None:
            headers["X-Kubernetes-Pf-Flowschema-Uid"] = self.flow.schema
            headers["X-Kubernetes-Pf-Prioritylevel-Uid"] = self.flow.level
        if self.warnings:
            headers.extend([("Warning", value) for value in warning_values(self.warnings)])
        if self.audit is not None:
            self.audit.started(response.status)

    def answered(self, code: int) -> None:
        """The answer begins: who watches decisions hears of this one."""
        self.decision.code = code
        self.decision.lap("answer")
        self.publish(self.decision)

    @property
    def user_agent(self) -> str:
        """The User-Agent header."""
        return self.request.headers.get("User-Agent", "")
