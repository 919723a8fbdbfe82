"""What every row of a shop has in common."""

from django.db import models


class ShopQuerySet(models.QuerySet):
    """The first word of every query: whose rows."""

    def for_shop(self, shop):
        return self.filter(shop=shop)


class ShopOwned(models.Model):
    """A row that belongs to one shop."""

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")

    objects = ShopQuerySet.as_manager()

    class Meta:
        abstract = True


class Stamped(models.Model):
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


def one_of(field: str, choices, *, name: str) -> models.CheckConstraint:
    """The database refuses a status that its class does not know."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)
