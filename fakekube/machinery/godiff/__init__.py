"""The difference of two Go values, as google/go-cmp prints it: clients see it in answers to refused updates.

values: JSON as typed Go values; compare: what differs; report: the tree of text; layout: its lines.
"""

from fakekube.machinery.godiff.compare import compare, semantically_equal
from fakekube.machinery.godiff.report import report
from fakekube.machinery.godiff.values import GoType, Types, view

__all__ = ["GoType", "Types", "compare", "report", "semantically_equal", "view"]
