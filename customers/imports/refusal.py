class ImportRefused(ValueError):
    """The file itself cannot be used: one sentence that says why and what to do."""


class CellRefused(ValueError):
    """One cell cannot be used: why."""
