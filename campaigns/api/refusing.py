"""What the verbs of this floor refuse, as the one shape of errors."""

from barbershop.api.errors import ApiError
from campaigns.refusals import Refused


class RefusalsAnswered:
    """For a viewset: ``Refused`` is a 409 where the state is in the way, else a 400."""

    def handle_exception(self, exc):
        if isinstance(exc, Refused):
            exc = ApiError(exc.code, exc.message, exc.fields, status=409 if exc.conflict else 400)
        return super().handle_exception(exc)
