"""All plugins in v1.20's order, and which of them are on by default. Follows pkg/kubeapiserver/options/plugins.go."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.admission import default_toleration_seconds, namespace_lifecycle, priority, service_account
from fakekube.admission.plugin import Plugin

PLUGINS: tuple[Plugin, ...] = (
    namespace_lifecycle.PLUGIN,
    service_account.PLUGIN,
    priority.PLUGIN,
    default_toleration_seconds.PLUGIN,
)
DEFAULT = frozenset({"NamespaceLifecycle", "ServiceAccount", "Priority", "DefaultTolerationSeconds"})


def plugins(enable: Iterable[str], disable: Iterable[str]) -> list[Plugin]:
    """Those that are on. Raises ValueError for a name that is not known."""
    known = {plugin.name for plugin in PLUGINS}
    for name in (*enable, *disable):
        if name not in known:
            raise ValueError(f'admission plugin "{name}" is unknown')
    on = (DEFAULT | set(enable)) - set(disable)
    return [plugin for plugin in PLUGINS if plugin.name in on]
