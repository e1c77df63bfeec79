"""A pod's volumes as files: secrets, config maps, the downward API, tokens, and empty ones.

Follows pkg/volume/{secret,configmap,projected,downwardapi,emptydir} of v1.20. Claims and folders of the host are
folders that begin empty and last as long as the world; nothing is read from the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from fakekube.apis.core.configmaps import RESOURCE as CONFIG_MAPS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.machinery.objects import Object
from fakekube.node import downward
from fakekube.node.environment import Place, data_of, not_found
from fakekube.node.expansion import expand_by
from fakekube.registry.client import Reader
from fakekube.sandbox.containers import File, Mount, Volume

Files = dict[str, File]
Token = Callable[[Object, Sequence[str], int], str]
"""(pod, audiences, seconds) -> a token of the pod's service account. Raises StatusError."""
DEFAULT_MODE = 0o644


class MountError(Exception):
    """A volume cannot be mounted now; the text is the kubelet's."""


@dataclass(slots=True)
class Storage:
    """What outlives a pod: claims by (namespace, name), folders of the host by (node, path)."""

    kept: dict[tuple[str, str], Volume] = field(default_factory=dict)

    def at(self, owner: str, name: str) -> Volume:
        """The volume, which begins empty."""
        return self.kept.setdefault((owner, name), Volume())


@dataclass(frozen=True, slots=True)
class Mounter:
    """Makes volumes for pods of one node."""

    reader: Reader
    storage: Storage
    token: Token | None = None

    def mount(self, pod: Object, place: Place) -> tuple[dict[str, Volume], list[tuple[str, str]]]:
        """The volumes by name, and what keeps others from being mounted: (name, text)."""
        made: dict[str, Volume] = {}
        errors: list[tuple[str, str]] = []
        for volume in pod["spec"].get("volumes") or ():
            try:
                made[volume["name"]] = self.volume(volume, pod, place)
            except MountError as error:
                errors.append((volume["name"], str(error)))
        return made, errors

    def refresh(self, volumes: Mapping[str, Volume], pod: Object, place: Place) -> None:
        """Show what secrets, config maps and the pod itself say now. What cannot be had any more stays as it was."""
        for volume in pod["spec"].get("volumes") or ():
            mounted = volumes.get(volume["name"])
            if mounted is None or _has_token(volume):
                continue
            with suppress(MountError):
                if (files := self.files(volume, pod, place)) is not None and files != mounted.files:
                    mounted.files = files

    def volume(self, volume: Object, pod: Object, place: Place) -> Volume:
        """One volume. Raises MountError."""
        namespace = pod["metadata"]["namespace"]
        if claim := volume.get("persistentVolumeClaim"):
            return self.storage.at(f"claim {namespace}", claim["claimName"])
        if folder := volume.get("hostPath"):
            return self.storage.at(f"node {pod['spec'].get('nodeName', '')}", folder["path"].rstrip("/") or "/")
        if (files := self.files(volume, pod, place)) is not None:
            return Volume(files, read_only=True)
        return Volume()

    def files(self, volume: Object, pod: Object, place: Place) -> Files | None:
        """What the volume shows now; None if it is none that shows objects. Raises MountError."""
        if projected := volume.get("projected"):
            sources, mode = projected.get("sources") or (), projected.get("defaultMode", DEFAULT_MODE)
        elif any(name in volume for name in ("secret", "configMap", "downwardAPI")):
            source = next(volume[name] for name in ("secret", "configMap", "downwardAPI") if name in volume)
            sources, mode = (volume,), source.get("defaultMode", DEFAULT_MODE)
        else:
            return None
        files: Files = {}
        for source in sources:
            files.update(self._source(source, pod, place, mode))
        return files

    def _source(self, source: Object, pod: Object, place: Place, mode: int) -> Iterable[tuple[str, File]]:
        if (secret := source.get("secret")) is not None:
            return self._keyed(secret, secret.get("secretName") or secret.get("name", ""), pod, mode, secret=True)
        if (config := source.get("configMap")) is not None:
            return self._keyed(config, config.get("name", ""), pod, mode, secret=False)
        if (items := source.get("downwardAPI")) is not None:
            return list(_downward(items.get("items") or (), pod, place, mode))
        if (wanted := source.get("serviceAccountToken")) is not None:
            return [(wanted["path"], self._token(wanted, pod, mode))]
        return ()

    def _keyed(self, source: Object, name: str, pod: Object, mode: int, *, secret: bool) -> Iterable[tuple[str, File]]:
        optional = source.get("optional", False)
        data = data_of(SECRETS if secret else CONFIG_MAPS, pod["metadata"]["namespace"], name, self.reader)
        if data is None:
            if not optional:
                raise MountError(not_found("secret" if secret else "configmap", name))
            data = {}
        return list(_items(data, source.get("items") or (), mode, optional, secret))

    def _token(self, wanted: Object, pod: Object, mode: int) -> File:
        if self.token is None:
            raise MountError("failed to fetch token: this server issues no tokens")
        audiences = [wanted["audience"]] if wanted.get("audience") else []
        return File(self.token(pod, audiences, wanted.get("expirationSeconds", 3600)).encode(), mode)


def _has_token(volume: Object) -> bool:
    """Whether it holds a token, which is not made anew whenever something changes."""
    return any("serviceAccountToken" in one for one in (volume.get("projected") or {}).get("sources") or ())


def sources(pod: Object) -> Iterator[tuple[str, str]]:
    """("secret" or "configMap", name) of the objects that the pod's volumes show."""
    for volume in pod["spec"].get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            for kind in ("secret", "configMap"):
                if kind in source:
                    yield kind, source[kind].get("secretName") or source[kind].get("name", "")


def shows_itself(pod: Object) -> bool:
    """Whether a volume of the pod shows its labels or annotations, which may change."""
    return any(
        "downwardAPI" in source
        for volume in pod["spec"].get("volumes") or ()
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ()))
    )


def _items(
    data: Mapping[str, bytes], items: Sequence[Object], mode: int, optional: bool, secret: bool
) -> Iterator[tuple[str, File]]:
    if not items:
        for key, value in data.items():
            yield key, File(value, mode)
        return
    for item in items:
        if item["key"] in data:
            yield item["path"], File(data[item["key"]], item.get("mode", mode))
        elif not optional:
            what = "references non-existent secret key" if secret else "configmap references non-existent config key"
            raise MountError(f"{what}: {item['key']}")


def _downward(items: Sequence[Object], pod: Object, place: Place, mode: int) -> Iterator[tuple[str, File]]:
    first = pod["spec"]["containers"][0]
    for item in items:
        try:
            if field_ref := item.get("fieldRef"):
                text = downward.field_value(pod, field_ref["fieldPath"], place.pod_ip, place.host_ip)
            else:
                text = downward.resource_value(pod, first, item["resourceFieldRef"], place.allocatable)
        except downward.Unsupported as error:
            raise MountError(str(error)) from None
        yield item["path"], File(text.encode(), item.get("mode", mode))


def mounts(container: Object, volumes: Mapping[str, Volume], env: Mapping[str, str]) -> tuple[Mount, ...]:
    """Where the container sees the volumes."""
    found = []
    for mount in container.get("volumeMounts") or ():
        volume = volumes.get(mount["name"])
        if volume is None:
            continue
        sub_path = mount.get("subPath") or expand_by(mount.get("subPathExpr", ""), lambda name: env.get(name, ""))
        found.append(Mount(mount["mountPath"], volume, sub_path, bool(mount.get("readOnly")) or volume.read_only))
    return tuple(found)
