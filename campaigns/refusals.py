"""The one exception with which this floor says no to a person."""


class Refused(Exception):
    """An action that is not possible now; nothing was changed.

    Attributes:
        code: a stable word for programs, such as ``already_executed``.
        message: a sentence for people that says what to do instead.
        conflict: true when the state is in the way (409), false when the request is (400).
        fields: messages by dotted path, when single fields are to blame.
    """

    def __init__(self, code, message, *, conflict=False, fields=None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.conflict = conflict
        self.fields = fields or {}


class Conflict(Refused):
    """Refused because of the state that the campaign is in."""

    def __init__(self, code, message):
        super().__init__(code, message, conflict=True)


def deleted() -> Conflict:
    """Somebody threw the campaign away between reading it and acting on it."""
    return Conflict("deleted", "The campaign has been deleted in the meantime.")
