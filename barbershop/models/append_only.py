"""Rows that are written once. The ORM refuses them here, the database by ``evidence_guard``."""

from functools import reduce
from operator import or_

from django.db import models


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete a row that is evidence."""


class AppendOnlyQuerySet(models.QuerySet):
    def for_shop(self, shop):
        return self.filter(shop=shop)

    def update(self, **kwargs):
        """Only to empty what the model names as ``EMPTIED``, for an erasure."""
        if kwargs and set(kwargs) <= self.model.EMPTIED and set(kwargs.values()) == {""}:
            # Where all of it is empty already there is nothing to do, and the guard refuses it.
            left = reduce(or_, (~models.Q(**{name: ""}) for name in kwargs))
            return super(AppendOnlyQuerySet, self.filter(left)).update(**kwargs)
        raise AppendOnlyError(f"{self.model.__name__} rows are append-only")

    def bulk_create(self, objs, *args, **kwargs):
        if kwargs.get("update_conflicts"):
            raise AppendOnlyError(f"{self.model.__name__} rows are append-only")
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs, fields, batch_size=None):
        raise AppendOnlyError(f"{self.model.__name__} rows are append-only")

    def delete(self):
        raise AppendOnlyError(f"{self.model.__name__} rows are append-only")


class AppendOnly(models.Model):
    """``EMPTIED``: columns of text that may become empty; the table's guard names them, too."""

    EMPTIED: frozenset[str] = frozenset()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.pk is not None and not kwargs.get("force_insert"):
            raise AppendOnlyError(f"{type(self).__name__} rows are append-only")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnlyError(f"{type(self).__name__} rows are append-only")
