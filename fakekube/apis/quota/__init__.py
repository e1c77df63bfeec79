"""What resource quotas count: amounts by name, and how much of them an object uses. Follows pkg/quota/v1 of v1.20.

Admission charges a quota by it, the quota controller counts anew. amounts: arithmetic; evaluators: kinds; scopes: which
objects a quota is about; usage: a whole namespace.
"""
