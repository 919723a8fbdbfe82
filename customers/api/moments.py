"""Times as other systems write them."""

import datetime as dt

from django.utils import timezone
from rest_framework import serializers


class ShopDateTimeField(serializers.DateTimeField):
    """A time without an offset is in the shop's own zone."""

    def enforce_timezone(self, value):
        if timezone.is_naive(value):
            try:
                return value.replace(tzinfo=self.context["view"].shop.zone)
            except OverflowError:
                self.fail("overflow")
        return super().enforce_timezone(value)


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
