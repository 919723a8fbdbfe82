"""Customers by CSV."""

from customers.imports.columns import COLUMNS
from customers.imports.refusal import ImportRefused
from customers.imports.running import run

__all__ = ["COLUMNS", "ImportRefused", "run"]
