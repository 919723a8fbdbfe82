"""The one exception with which this floor says no to a person."""


class Refused(Exception):
    """An action that is not possible now; nothing was changed.

    Attributes:
        code: a stable word for programs, such as ``already_executed``.
        message: a sentence for people that says what to do instead.
        conflict: true when the state is in the way (409), false when the request is (400).
        fields: messages by dotted path, when single fields are to blame.
        sentences: what is in the way, one sentence each; ``message`` holds all of them.
    """

    def __init__(self, code, message, *, conflict=False, fields=None, sentences=()):
        super().__init__(message)
        self.code = code
        self.message = message
        self.conflict = conflict
        self.fields = fields or {}
        self.sentences = list(sentences) or [message]


def together(refusals: list[Refused]) -> Refused:
    """Several refusals as one that says everything at once; a single one as it is."""
    if len(refusals) == 1:
        return refusals[0]
    fields: dict[str, list[str]] = {}
    for refused in refusals:
        for path, said in refused.fields.items():
            fields.setdefault(path, []).extend(said)
    sentences = [refused.message for refused in refusals]
    return Refused("requirements_missing", " ".join(sentences), fields=fields, sentences=sentences)


class Conflict(Refused):
    """Refused because of the state that the campaign is in."""

    def __init__(self, code, message):
        super().__init__(code, message, conflict=True)


def deleted() -> Conflict:
    """Somebody threw the campaign away between reading it and acting on it."""
    return Conflict("deleted", "The campaign has been deleted in the meantime.")
