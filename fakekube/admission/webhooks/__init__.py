"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook: plugins that somebody else runs, asked over HTTPS.

hooks: configurations as hooks; matching: which requests a hook hears of; review: AdmissionReview in and out; calling:
the request; dispatch: the two plugins. Follows apiserver's admission/plugin/webhook.
"""

from fakekube.admission.webhooks.dispatch import mutating, validating

__all__ = ["mutating", "validating"]
