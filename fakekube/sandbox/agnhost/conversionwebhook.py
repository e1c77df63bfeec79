"""`agnhost crd-conversion-webhook`, with which Kubernetes' conformance suite tests conversions of custom resources.

Its one kind has `hostPort` in v1, which v2 splits into `host` and `port`.
"""

from __future__ import annotations

import orjson

from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.sandbox.containers import HttpAnswer, HttpRequest

JSON = ("Content-Type", "application/json")
OLD, NEW = "stable.example.com/v1", "stable.example.com/v2"


class Refused(Exception):
    """The object cannot be converted; the text says why."""


async def answer(request: HttpRequest) -> HttpAnswer:
    """What it says to a ConversionReview of v1 or v1beta1."""
    path = request.path.partition("?")[0]
    if path == "/readyz":
        return HttpAnswer(200, (), b"ok")
    if path != "/crdconvert":
        return HttpAnswer(404, (), b"404 page not found\n")
    try:
        review = orjson.loads(request.body)
        asked = review["request"]
        response = {"uid": asked["uid"], **_converted(asked)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return HttpAnswer(400, (), f"failed to deserialize body with error {error}\n".encode())
    body = {"kind": review["kind"], "apiVersion": review["apiVersion"], "response": response}
    return HttpAnswer(200, (JSON,), orjson.dumps(body))


def _converted(asked: Object) -> Object:
    wanted = asked["desiredAPIVersion"]
    try:
        objects = [convert(obj, wanted) for obj in asked.get("objects") or ()]
    except Refused as refusal:
        return {"convertedObjects": [], "result": {"metadata": {}, "status": "Failure", "message": str(refusal)}}
    return {"convertedObjects": objects, "result": {"metadata": {}, "status": "Success"}}


def convert(obj: Object, wanted: str) -> Object:
    """The object in the wanted version. Raises Refused."""
    given = obj.get("apiVersion")
    if given == wanted:
        raise Refused(f"conversion from a version to itself should not call the webhook: {wanted}")
    if (given, wanted) == (OLD, NEW):
        return {**_split(obj), "apiVersion": wanted}
    if (given, wanted) == (NEW, OLD):
        return {**_joined(obj), "apiVersion": wanted}
    raise Refused(f"unexpected conversion version {quote(wanted if given in (OLD, NEW) else str(given or ''))}")


def _split(obj: Object) -> Object:
    if "hostPort" not in obj:
        return obj
    rest = {name: value for name, value in obj.items() if name != "hostPort"}
    parts = obj["hostPort"].split(":")
    if len(parts) != 2:
        raise Refused(f"invalid hostPort value `{obj['hostPort']}`")
    return {**rest, "host": parts[0], "port": parts[1]}


def _joined(obj: Object) -> Object:
    if "host" not in obj and "port" not in obj:
        return obj
    rest = {name: value for name, value in obj.items() if name not in ("host", "port")}
    return {**rest, "hostPort": f"{obj.get('host', '')}:{obj.get('port', '')}"}
