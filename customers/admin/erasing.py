"""Erasing people from the list of customers: asked first, in numbers."""

from django.contrib import admin

from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from barbershop.templatetags.ui import counted
from customers import erasure


class Erasing:
    """For the admin class of customers. Managers and owners may."""

    actions = ("erase",)
    erase_role = erasure.LEAST_ROLE

    def has_erase_permission(self, request, obj=None):
        return self.may(request, "erase", obj)

    @admin.action(description="Erase for good…", permissions=["erase"])
    def erase(self, request, queryset):
        step = Step(
            action="erase",
            question="Erase these people for good?",
            label="Erase for good",
            danger=True,
            foresee=_foresee,
            act=lambda customer, by, reason: erasure.erase(
                customer, by=by, reason=reason, request=request
            ),
            asks_reason=True,
            done="is erased",
            may=self.has_erase_permission,
            refusals=ValueError,
        )
        return ask_then_act(self, request, queryset, step)


def _foresee(customer) -> Consequence:
    if customer.erased_at is not None:
        return Consequence(blocker="This customer has been erased before.")
    facts = [(counted(number), what) for number, what in erasure.foresee(customer)]
    return Consequence(facts)
