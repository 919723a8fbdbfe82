class CriteriaError(ValueError):
    """A criterion that cannot be understood.

    Attributes:
        path: where in the given object, such as ``last_visit_days.min``; ``""`` for the whole.
        message: one sentence that says what to write instead.
    """

    def __init__(self, path: str, message: str):
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


class ProbableSlip(CriteriaError):
    """A word of the shop's own making that is much like one in use: nearly always a misspelling."""
