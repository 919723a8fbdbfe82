"""Rows that are not deleted while others need them."""

from barbershop import uses


class KeptWhileUsed:
    """For admin classes: who uses a row stands among what protects it, and names himself."""

    def get_deleted_objects(self, objs, request):
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        refused = [str(uses.InUse(row, used_by)) for row in objs if (used_by := uses.of(row))]
        return found, counts, needed, [*protected, *refused]
