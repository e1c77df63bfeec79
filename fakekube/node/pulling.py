"""Images on a node: which are there, and how one comes. Follows pkg/kubelet/images/image_manager.go of v1.20."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from msgspec import Struct, field

from fakekube.machinery import references
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_duration
from fakekube.node.backoff import Backoff
from fakekube.node.lifecycle import Delays
from fakekube.node.state import Failure, Run
from fakekube.sandbox.images import Image, Images


class Note(NamedTuple):
    """An event to be recorded."""

    type: str
    reason: str
    message: str


class Pull(Struct, frozen=True):
    """Where a container's image is: there, on its way until a moment, or not to be had."""

    image: Image | None = None
    until: float = 0.0
    """When to look again, if there is no image."""
    failure: Failure | None = None
    notes: tuple[Note, ...] = ()


class Puller(Struct):
    """The images of one node."""

    images: Images
    delays: Delays
    present: set[str] = field(default_factory=set)
    backoff: Backoff = field(default_factory=Backoff)

    def ensure(self, container: Object, run: Run, now: float) -> Pull:
        """Have the image of the container, by its pull policy."""
        image, policy = container["image"], container.get("imagePullPolicy", "IfNotPresent")
        try:
            name = canonical(image)
        except references.InvalidReference as error:
            return self._invalid(image, error, now)
        described = self.images.find(image)
        present = name in self.present or (described.preloaded and not described.pull_error)
        if policy == "Never" and not present:
            text = f'Container image "{image}" is not present with pull policy of Never'
            return self._failed("ErrImageNeverPull", text, now, Note("Warning", "ErrImageNeverPull", text))
        if policy == "Never" or (policy == "IfNotPresent" and present):
            text = f'Container image "{image}" already present on machine'
            return Pull(described, notes=(Note("Normal", "Pulled", text),))
        return self._pull(container, described, name, run, now)

    def _invalid(self, image: str, error: Exception, now: float) -> Pull:
        text = f'Failed to apply default image tag "{image}": couldn\'t parse image reference "{image}": {error}'
        return self._failed("InvalidImageName", text, now, Note("Warning", "InspectFailed", text))

    def _failed(self, reason: str, message: str, now: float, *notes: Note, until: float = 0.0) -> Pull:
        told = (*notes, Note("Warning", "Failed", f"Error: {reason}"))
        return Pull(None, until or now + self.delays.retry, Failure(reason, message), told)

    def _pull(self, container: Object, image: Image, name: str, run: Run, now: float) -> Pull:
        begun = run.pulling.get(container["name"])
        if begun is not None:
            return self._going_on(container, image, name, run, begun, now)
        key = (run.uid, image.name)
        until = self.backoff.until(key, self.backoff.updated(key))
        if until > now:
            text = f'Back-off pulling image "{image.name}"'
            return self._failed("ImagePullBackOff", text, now, Note("Normal", "BackOff", text), until=until)
        run.pulling[container["name"]] = now
        note = Note("Normal", "Pulling", f'Pulling image "{image.name}"')
        return Pull(until=now + self._seconds(image), notes=(note,))

    def _going_on(self, container: Object, image: Image, name: str, run: Run, begun: float, now: float) -> Pull:
        if now < begun + self._seconds(image):
            return Pull(until=begun + self._seconds(image))
        del run.pulling[container["name"]]
        if image.pull_error:
            self.backoff.next((run.uid, image.name), now, now)
            note = Note("Warning", "Failed", f'Failed to pull image "{image.name}": {image.pull_error}')
            return self._failed("ErrImagePull", image.pull_error, now, note, until=now + self.delays.pull_failure)
        self.present.add(name)
        took = format_duration(int((now - begun) * 1e9))
        return Pull(image, notes=(Note("Normal", "Pulled", f'Successfully pulled image "{image.name}" in {took}'),))

    def _seconds(self, image: Image) -> float:
        return self.delays.pull if image.pull_seconds is None else image.pull_seconds


def canonical(image: str) -> str:
    """The whole name: docker.io/library/nginx:latest. Raises InvalidReference."""
    reference = references.parse(image)
    if reference.digest:
        return f"{reference.name}@{reference.digest}"
    return f"{reference.name}:{reference.tag}"


def image_id(image: str) -> str:
    """What the container runtime calls it: its repository with a digest, here one of its name."""
    reference = references.parse(image)
    digest = reference.digest or f"sha256:{hashlib.sha256(canonical(image).encode()).hexdigest()}"
    return f"{reference.name}@{digest}"
