"""ValidatingWebhookConfiguration; see webhooks."""

from __future__ import annotations

from fakekube.apis.admissionregistration.webhooks import configuration

RESOURCE = configuration("ValidatingWebhookConfiguration", {})
