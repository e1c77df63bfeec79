"""A backend that is named by a kubeconfig and asked by posting it a review. Follows apiserver's util/webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from fakekube.machinery import decoding
from fakekube.machinery.objects import Object
from fakekube.runtime import https, kubeconfigs
from fakekube.runtime.https import CallFailed

SECONDS = 30.0
"""For which an answer is awaited."""
DELAY = 0.5
"""Seconds before the second attempt; each further one takes longer by FACTOR."""
ATTEMPTS, FACTOR = 5, 1.5
RETRIED = frozenset({429, 500, 504})
SCHEME = "k8s.io/client-go/kubernetes/scheme/register.go:72"
"""What the decoder of answers is called in messages."""

STATUS = decoding.Kind("", "v1", "Status")


class Backend:
    """Whom the current context of a kubeconfig means. Backends that are overloaded are asked again."""

    def __init__(self, kubeconfig: Path, delay: float = DELAY) -> None:
        """Raises ValueError for a kubeconfig that cannot be used."""
        access = kubeconfigs.read(kubeconfig)
        self._target = https.target_of(f"{access.server.rstrip('/')}?timeout={SECONDS:.0f}s")
        self._context = access.context()
        self._headers = {"User-Agent": https.USER_AGENT, **access.user.headers}
        self._delay = delay

    async def ask(self, document: Object) -> bytes:
        """The body of the answer. Raises CallFailed."""
        delay = self._delay
        for _ in range(ATTEMPTS - 1):
            answer = await https.post(self._target, document, SECONDS, self._context, self._headers)
            if answer.code not in RETRIED and "Retry-After" not in answer.headers:
                return https.checked(answer)
            await asyncio.sleep(delay)
            delay *= FACTOR
        return https.checked(await https.post(self._target, document, SECONDS, self._context, self._headers))

    async def status(self, review: Object, versions: Collection[str]) -> Object:
        """The status of the review that comes back, which is to be of the version that was sent. Raises CallFailed."""
        group, _, version = str(review["apiVersion"]).rpartition("/")
        sent = decoding.Kind(group, version, review["kind"])
        status = answered(await self.ask(review), sent, versions, SCHEME).get("status") or {}
        if not isinstance(status, dict):
            raise CallFailed(f"json: cannot unmarshal into Go struct field {sent.kind}.status")
        return status


def answered(raw: bytes, sent: decoding.Kind, versions: Collection[str], scheme: str) -> Object:
    """The body of an answer as a review of the kind and version that were sent. Raises CallFailed."""
    try:
        document = decoding.decode_recognized(raw)
        found = decoding.identify(document, sent)
    except decoding.DecodeError as error:
        raise CallFailed(str(error)) from None
    if found == STATUS:
        raise CallFailed(decoding.unknown_conversion("v1.Status", f"{sent.version}.{sent.kind}"))
    if (found.group, found.kind) != (sent.group, sent.kind) or found.version not in versions:
        raise CallFailed(decoding.not_registered(found, scheme))
    if found.version != sent.version:
        raise CallFailed(decoding.unknown_conversion(f"{found.version}.{found.kind}", f"{sent.version}.{sent.kind}"))
    review: Object = document or {}
    return review
