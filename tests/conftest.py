"""What all tests share: hypothesis tries the same examples each time, so that a run says the same as the last one."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("fakekube", derandomize=True, deadline=None)
settings.load_profile("fakekube")
