"""The simulated kubelet: nodes that register themselves and run pods without containers.

Read `lifecycle` first: what happens to a pod next is a pure function of the pod and of what its node knows about it.
`worker` plays that, `status` tells the API server, `nodes` holds all nodes of a world.
"""
