"""Times as other systems write them."""

import datetime as dt

from django.utils import timezone

from barbershop.api.fields import ShopDateTimeField


class PastDateTimeField(ShopDateTimeField):
    default_error_messages = {"future": "This is in the future."}
    allowance = dt.timedelta()

    def to_internal_value(self, value):
        moment = super().to_internal_value(value)
        if moment > timezone.now() + self.allowance:
            self.fail("future")
        return moment


class UpToTomorrowField(PastDateTimeField):
    """For clocks and zones of tills that are set wrong by some hours."""

    allowance = dt.timedelta(days=1)
