"""--admission-control-config-file: what single plugins are configured with. Follows apiserver's admission/config.go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakekube.machinery.objects import Object

VERSIONS = ("apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1")
KIND = "AdmissionConfiguration"
LEGACY = {"imagePolicy": "ImagePolicyWebhook", "podNodeSelectorPluginConfig": "PodNodeSelector"}
"""Files in which one plugin's configuration stands alone, by the field that tells."""


def read(path: Path | None) -> Mapping[str, Object]:
    """The plugins' configurations by name. Raises ValueError."""
    if path is None:
        return {}
    document = _load(path)
    version, kind = document.get("apiVersion"), document.get("kind")
    if version is None and kind is None and LEGACY.keys() & document.keys():
        return dict.fromkeys(LEGACY.values(), document)
    if version not in VERSIONS or kind != KIND:
        raise ValueError(f'no kind "{kind or ""}" is registered for version "{version or ""}" in {path}')
    found: dict[str, Object] = {}
    for plugin in document.get("plugins") or ():
        configuration = plugin.get("configuration")
        if configuration is None and plugin.get("path"):
            configuration = _load(path.parent / plugin["path"])
        if configuration is not None:
            found.setdefault(plugin.get("name", ""), configuration)
    return found


def _load(path: Path) -> Object:
    import yaml

    try:
        document: Any = yaml.safe_load(path.read_text())
    except OSError as error:
        why = f"open {path}: {(error.strerror or '').lower()}"
        raise ValueError(f'unable to read admission control configuration from "{path}" [{why}]') from None
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{path}: not a mapping")
    return document
