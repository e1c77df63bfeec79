"""All controllers of kube-controller-manager that run here."""

from __future__ import annotations
