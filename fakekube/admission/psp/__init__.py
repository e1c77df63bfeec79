"""What a PodSecurityPolicy makes of a pod, as functions of (policy, pod). Follows pkg/security/podsecuritypolicy.

`evaluation.evaluate` is one policy and one pod; `selection` chooses among several, `explanation` tells why. Each other
module is one part of a policy, mostly a `default`, what it fills in, and a `check`, what it refuses.
Pods and policies are of the storage version, defaulted, and never changed: a mutated pod is a new dict.
"""
