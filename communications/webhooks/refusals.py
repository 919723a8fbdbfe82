"""Why a webhook is not taken, with the status that tells the provider whether to try again."""


class Refused(Exception):
    status = 400
    code = "malformed"


class Malformed(Refused):
    pass


class BadSignature(Refused):
    status = 403
    code = "bad_signature"


class NoKey(Refused):
    """Nothing can be verified here; the provider keeps the events and tries again."""

    status = 503
    code = "no_key"
