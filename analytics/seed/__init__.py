"""Demonstration data: invented people, the same on every run, their days counted from now."""

from analytics.seed.build import ORGANIZATION, build

__all__ = ["ORGANIZATION", "build"]
