"""The DaemonSet controller: `plan` thinks, `sync` acts. Follows pkg/controller/daemon of v1.20."""

from fakekube.controllers.daemonsets.sync import controller

__all__ = ["controller"]
