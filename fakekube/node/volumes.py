"""A pod's volumes as files: secrets, config maps, the downward API, tokens, and empty ones.

Follows pkg/volume/{secret,configmap,projected,downwardapi,emptydir,hostpath} of v1.20. Claims are folders that begin
empty, folders of the host those of an imagined node; both last as long as the world. Nothing is
read from the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct, field

from fakekube.apis.core.configmaps import RESOURCE as CONFIG_MAPS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.apis.podspec.walk import init_and_containers
from fakekube.machinery.objects import Object
from fakekube.node import downward
from fakekube.node.environment import ConfigError, Place, data_of, not_found
from fakekube.node.expansion import expand_by
from fakekube.registry.client import Reader
from fakekube.sandbox.files import DISK, MEMORY, Directory, File, FileSystem, Mount, standard
from fakekube.sandbox.volumes import Content, Volume, shown

Contents = dict[str, Content]
Token = Callable[[Object, Sequence[str], int], str]
"""(pod, audiences, seconds) -> a token of the pod's service account. Raises StatusError."""
DEFAULT_MODE, PRIVATE_MODE = 0o644, 0o600
SHOWING = ("secret", "configMap", "downwardAPI")


class MountError(Exception):
    """A volume cannot be mounted now; the text is the kubelet's."""


class Storage(Struct):
    """What outlives a pod: claims by (namespace, name), and the file systems of nodes."""

    claims: dict[tuple[str, str], Volume] = field(default_factory=dict)
    nodes: dict[str, FileSystem] = field(default_factory=dict)

    def claim(self, namespace: str, name: str) -> Volume:
        """The claim's volume, which begins empty."""
        return self.claims.setdefault((namespace, name), Volume())

    def node(self, name: str, now: Callable[[], float]) -> FileSystem:
        """The node's file system, which begins as a small Linux."""
        if name not in self.nodes:
            files = {"/etc/hostname": f"{name}\n", "/etc/hosts": f"127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n"}
            self.nodes[name] = standard(now, files)
        return self.nodes[name]


class Mounter(Struct, frozen=True):
    """Makes volumes for pods of one node."""

    reader: Reader
    storage: Storage
    now: Callable[[], float]
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
            if mounted is None or mounted.contents is None:
                continue
            with suppress(MountError):
                contents = self.contents(volume, pod, place, mounted.contents)
                if contents is not None and contents != mounted.contents:
                    mounted.show(contents, self.now())

    def volume(self, volume: Object, pod: Object, place: Place) -> Volume:
        """One volume, given to the pod's group if it has one. Raises MountError."""
        if host := volume.get("hostPath"):
            return self._host(host["path"].rstrip("/") or "/", host.get("type") or "", pod)
        contents = self.contents(volume, pod, place, {})
        if contents is not None:
            made = shown(contents, self.now())
        elif claim := volume.get("persistentVolumeClaim"):
            made = self.storage.claim(pod["metadata"]["namespace"], claim["claimName"])
        else:
            medium = (volume.get("emptyDir") or {}).get("medium") or ""
            made = Volume(kind=MEMORY if medium == "Memory" else DISK)
        made.give((pod["spec"].get("securityContext") or {}).get("fsGroup"))
        return made

    def _host(self, path: str, type_: str, pod: Object) -> Volume:
        """A folder or a file of the node; what is not there is made, unless the type says that it has to be there."""
        tree = self.storage.node(pod["spec"].get("nodeName", ""), self.now)
        if not tree.exists(path) and type_ in ("", "DirectoryOrCreate"):
            tree.make_folders(path)
        elif not tree.exists(path) and type_ == "FileOrCreate":
            tree.place(path)
        try:
            node = tree.lookup(path)
        except OSError:
            node = None
        kind, what = HOST_TYPES.get(type_.removesuffix("OrCreate"), (object, ""))
        if not isinstance(node, kind):
            raise MountError(f"hostPath type check failed: {path} is not a {what}")
        return Volume(node)

    def contents(self, volume: Object, pod: Object, place: Place, before: Mapping[str, Content]) -> Contents | None:
        """What the volume shows now; None if it is none that shows objects. A token that it has shown before stays.

        Raises MountError.
        """
        if projected := volume.get("projected"):
            sources, mode = projected.get("sources") or (), projected.get("defaultMode", DEFAULT_MODE)
        elif kind := next((name for name in SHOWING if name in volume), None):
            sources, mode = (volume,), volume[kind].get("defaultMode", DEFAULT_MODE)
        else:
            return None
        contents: Contents = {}
        for source in sources:
            if (wanted := source.get("serviceAccountToken")) is None:
                contents.update(self._source(source, pod, place, mode))
            else:
                contents[wanted["path"]] = before.get(wanted["path"]) or self._token(wanted, pod, mode)
        return contents

    def _source(self, source: Object, pod: Object, place: Place, mode: int) -> Iterable[tuple[str, Content]]:
        if (secret := source.get("secret")) is not None:
            return self._keyed(secret, secret.get("secretName") or secret.get("name", ""), pod, mode, secret=True)
        if (config := source.get("configMap")) is not None:
            return self._keyed(config, config.get("name", ""), pod, mode, secret=False)
        if (items := source.get("downwardAPI")) is not None:
            return list(_downward(items.get("items") or (), pod, place, mode))
        return ()

    def _keyed(
        self, source: Object, name: str, pod: Object, mode: int, *, secret: bool
    ) -> Iterable[tuple[str, Content]]:
        optional = source.get("optional", False)
        data = data_of(SECRETS if secret else CONFIG_MAPS, pod["metadata"]["namespace"], name, self.reader)
        if data is None:
            if not optional:
                raise MountError(not_found("secret" if secret else "configmap", name))
            data = {}
        return list(_items(data, source.get("items") or (), mode, optional, secret))

    def _token(self, wanted: Object, pod: Object, mode: int) -> Content:
        """A token, which only the pod's user or its group may read if the pod names one."""
        if self.token is None:
            raise MountError("failed to fetch token: this server issues no tokens")
        audiences = [wanted["audience"]] if wanted.get("audience") else []
        token = self.token(pod, audiences, wanted.get("expirationSeconds", 3600)).encode()
        user, group = only_user(pod), (pod["spec"].get("securityContext") or {}).get("fsGroup")
        return Content(token, mode if user is group is None else PRIVATE_MODE, user or 0)


HOST_TYPES: Mapping[str, tuple[type, str]] = {
    "Directory": (Directory, "directory"),
    "File": (File, "file"),
    "Socket": (type(None), "socket file"),
    "CharDevice": (type(None), "character device"),
    "BlockDevice": (type(None), "block device"),
}
"""Types of folders of the host: what there has to be, and how messages call it."""


def only_user(pod: Object) -> int | None:
    """The user that all containers run as, if the pod says so."""
    default = (pod["spec"].get("securityContext") or {}).get("runAsUser")
    containers = init_and_containers(pod["spec"])
    users = {(container.get("securityContext") or {}).get("runAsUser", default) for container in containers}
    return users.pop() if len(users) == 1 else None


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
) -> Iterator[tuple[str, Content]]:
    if not items:
        for key, value in data.items():
            yield key, Content(value, mode)
        return
    for item in items:
        if item["key"] in data:
            yield item["path"], Content(data[item["key"]], item.get("mode", mode))
        elif not optional:
            what = "references non-existent secret key" if secret else "configmap references non-existent config key"
            raise MountError(f"{what}: {item['key']}")


def _downward(items: Sequence[Object], pod: Object, place: Place, mode: int) -> Iterator[tuple[str, Content]]:
    first = pod["spec"]["containers"][0]
    for item in items:
        try:
            if field_ref := item.get("fieldRef"):
                text = downward.field_value(pod, field_ref["fieldPath"], place.pod_ip, place.host_ip)
            else:
                text = downward.resource_value(pod, first, item["resourceFieldRef"], place.allocatable)
        except downward.Unsupported as error:
            raise MountError(str(error)) from None
        yield item["path"], Content(text.encode(), item.get("mode", mode))


def mounts(container: Object, volumes: Mapping[str, Volume], env: Mapping[str, str], now: float) -> tuple[Mount, ...]:
    """Where the container sees the volumes. Raises ConfigError."""
    found = []
    for mount in container.get("volumeMounts") or ():
        volume, name = volumes.get(mount["name"]), container["name"]
        if volume is None:
            raise ConfigError(f'cannot find volume "{mount["name"]}" to mount into container "{name}"')
        try:
            node = volume.find(_sub_path(mount, env), now)
        except OSError:
            raise ConfigError(
                f'failed to prepare subPath for volumeMount "{mount["name"]}" of container "{name}"'
            ) from None
        found.append(Mount(mount["mountPath"], node, bool(mount.get("readOnly")) or volume.read_only, volume.kind))
    return tuple(found)


def _sub_path(mount: Object, env: Mapping[str, str]) -> str:
    """Raises ConfigError for one that leads out of the volume, or that names a variable without a value."""
    path: str = mount.get("subPath") or ""
    if expression := mount.get("subPathExpr"):
        missing: set[str] = set()

        def value(name: str) -> str:
            if not env.get(name):
                missing.add(name)
            return env.get(name, "")

        path = expand_by(expression, value)
        if missing:
            raise ConfigError(f"missing value for {', '.join(sorted(missing))}")
    if path.startswith("/"):
        raise ConfigError(f"error SubPath `{path}` must not be an absolute path")
    if ".." in path.split("/"):
        raise ConfigError(f"unable to provision SubPath `{path}`: must not contain '..'")
    return path
