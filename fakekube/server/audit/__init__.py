"""The audit log: which requests are recorded in which detail, and the events of audit.k8s.io/v1 that come of it."""
