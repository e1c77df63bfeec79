"""The station at which the audit log begins to follow a request. Follows apiserver's endpoints/filters/audit.go."""

from __future__ import annotations

from pathlib import Path

from fakekube.machinery.objects import Object
from fakekube.server.audit import policy
from fakekube.server.audit.formats import FORMATS
from fakekube.server.audit.logfile import Rotation, open_log
from fakekube.server.audit.policy import Level
from fakekube.server.audit.record import Auditor
from fakekube.server.authorize import attributes_of
from fakekube.server.context import RequestContext
from fakekube.server.plane import ControlPlane


def build(log: Path | None, policy_file: Path | None, form: str, rotation: Rotation) -> Auditor | None:
    """The auditor that writes to a log, by a policy's rules or all of it. Raises ValueError, OSError."""
    rules = policy.load(policy_file) if policy_file is not None else policy.EVERYTHING
    if log is None:
        return None
    if form not in FORMATS:
        raise ValueError(f"invalid audit log format {form}, allowed formats are {','.join(sorted(FORMATS))}")
    return Auditor(rules, open_log(str(log), rotation), FORMATS[form])


async def audit(ctx: RequestContext, plane: ControlPlane) -> None:
    """Begin the request's record, if the policy wants one."""
    _begin(ctx, plane, anonymous=False)
    if ctx.audit is not None:
        ctx.audit.received()


def refuse(ctx: RequestContext, plane: ControlPlane) -> None:
    """The record of a request from somebody unknown, which has one event alone."""
    _begin(ctx, plane, anonymous=True)
    if ctx.audit is not None:
        ctx.audit.unauthenticated = True


def _begin(ctx: RequestContext, plane: ControlPlane, *, anonymous: bool) -> None:
    if plane.auditor is not None:
        decision = ctx.decision
        ctx.audit = plane.auditor.begin(
            ctx.request, attributes_of(ctx), decision.audit_id, decision.started, anonymous=anonymous
        )


def note_object(ctx: RequestContext, plane: ControlPlane, obj: Object) -> None:
    """Tell the record what object was sent, in the version in which it was sent."""
    if ctx.audit is None or ctx.resource is None or ctx.version is None:
        return
    from fakekube.registry.codec import dumps
    from fakekube.server import body

    shown = b""
    shape, version = body.input_kind(ctx.resource, ctx.version, ctx.info.subresource)
    own = (shape.group, version.name) == (ctx.resource.group, ctx.version.name)  # others are not encoded
    if own and ctx.audit.level >= Level.REQUEST:
        shown = dumps(plane.registry.codec.version_of(shape, version, obj))
    ctx.audit.requested(obj.get("metadata") or {}, shown)
