"""Records as lines for a terminal. Colours are click's: it leaves them out where nobody would see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import click

from fakekube.machinery.objects import Object

INDENT = "    "
GOOD, ODD, BAD = "green", "yellow", "red"
OUTCOMES = {
    "admits the pod as it is": GOOD,
    "admits the pod with changes": GOOD,
    "would have to change the pod": ODD,
    "refuses the pod": BAD,
    "cannot be tried": BAD,
}
"""What PodSecurityPolicy found out about a policy -> how it is shown."""


def record_lines(record: Object) -> Iterator[str]:
    """A RequestRecord: a line for the request, then one for each who had a say."""
    yield _head(record)
    yield INDENT + _who(record.get("user") or {})
    yield from (INDENT + line for line in _authorization(record.get("authorization") or {}))
    message = (record.get("response") or {}).get("message")
    for plugin in record.get("admission") or ():
        yield from (INDENT + line for line in _plugin(plugin, message))
    if message:
        yield f"{INDENT}answer: {message}"
    yield ""


def _head(record: Object) -> str:
    request, code = record.get("request") or {}, (record.get("response") or {}).get("code", 0)
    colour = GOOD if code < 400 else ODD if code < 500 else BAD
    seconds = sum((record.get("latency") or {}).values())
    moment = _time(str(record["metadata"].get("creationTimestamp", "")))
    parts = (
        click.style(str(code), fg=colour, bold=True),
        click.style(f"{request.get('method', '')} {request.get('uri', '')}", bold=True),
        click.style(f"{moment}  {seconds * 1000:.1f} ms  {request.get('auditID', '')}", dim=True),
    )
    return "  ".join(parts)


def _time(text: str) -> str:
    """The time of day where the reader is."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return text


def _who(user: Object) -> str:
    if not user.get("username"):
        why = "; ".join(user.get("rejected") or ())
        return "user: nobody that an authenticator knows" + (f": {why}" if why else "")
    groups = ", ".join(user.get("groups") or ())
    text = f"user: {click.style(str(user.get('username', '')), bold=True)}"
    text += f" ({groups})" if groups else ""
    if user.get("impersonatedBy"):
        return f"{text}, impersonated by {user['impersonatedBy']}, who came by {user.get('authenticator', '')}"
    return f"{text}, by {user.get('authenticator', '')}"


def _authorization(found: Object) -> Iterator[str]:
    if not found:
        return
    allowed = found.get("decision") == "allow"
    state = click.style("allowed" if allowed else "forbidden", fg=GOOD if allowed else BAD)
    reason = str(found.get("reason", "")).removeprefix("RBAC: ").removeprefix("allowed by ")
    by = reason or str(found.get("authorizer", ""))
    yield f"authorization: {state}" + (f" by {by}" if allowed else f": {by}" if by else ": no rule allows it")
    if rule := found.get("rule"):
        yield f"  rule: {_rule(rule)}"
    yield from (f"  close: {line}" for line in found.get("closest") or ())


def _rule(rule: Object) -> str:
    verbs = ", ".join(rule.get("verbs") or ())
    if rule.get("nonResourceURLs"):
        return f"{verbs} on {', '.join(rule['nonResourceURLs'])}"
    groups = ", ".join(group or '""' for group in rule.get("apiGroups") or ())
    text = f"{verbs} on {', '.join(rule.get('resources') or ())} in {groups}"
    names = ", ".join(rule.get("resourceNames") or ())
    return f"{text} named {names}" if names else text


def _plugin(plugin: Object, answer: str | None) -> Iterator[str]:
    for finding in plugin.get("findings") or ():
        name = f"admission: {plugin['plugin']}"
        if finding.get("refused"):
            why = "" if finding["refused"] == answer else f": {finding['refused']}"
            yield f"{name} {click.style('refused it', fg=BAD)}{why}"
        elif "policies" in finding:
            yield f"{name}, {finding.get('step', '')}"
            yield from (f"  {line}" for line in _policies(finding["policies"]))
        elif "changed" in finding:
            yield f"{name} {click.style('changed', fg=ODD)}"
            yield from (f"  {line}" for line in finding["changed"])
        else:
            yield f"{name}: {_plain(finding)}"


def _policies(rows: Sequence[Object]) -> Iterator[str]:
    if not rows:
        yield "there is no policy"
    for row in rows:
        outcome = str(row.get("outcome", ""))
        yield f"{row.get('policy', '')}: {click.style(outcome, fg=OUTCOMES.get(outcome))}"
        yield from (f"  {reason}" for reason in row.get("reasons") or ())


def _plain(finding: Any) -> str:
    if isinstance(finding, dict):
        return ", ".join(f"{name} {value}" for name, value in finding.items())
    return str(finding)
