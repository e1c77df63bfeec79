"""SPDY/3.1 without I/O: frames, header compression, and the streams of one connection.

Follows draft 3.1 as far as Kubernetes clients speak it; flow control and settings are read and ignored, as
spdystream does.
"""
