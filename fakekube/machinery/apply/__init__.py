"""Server-side apply and managedFields: sets of fields, plans of types, and the FieldManager that uses both."""

from fakekube.machinery.apply.compiler import Compiler
from fakekube.machinery.apply.manager import FieldManager

__all__ = ["Compiler", "FieldManager"]
