"""Questions that need a sum over each customer's rows: how often, how much.

There are two ways to ask. By looking into the index once per customer, which takes the same time
wherever it stands. And by grouping all rows of the shop first, which is faster for a whole shop,
but only where PostgreSQL may join the groups: as one of several conditions that must all hold.
Beneath ``or`` and ``not`` it would look through the groups for each customer, which was seen to
take minutes. So a question is written in the steady way and turned where turning is safe.
"""

from django.db.models import Exists, OuterRef, Q


class Grouped(Exists):
    """Customers for whom ``rows`` has a group; by an index look-up for each.

    ``rows`` is a queryset grouped by ``customer``, with its conditions on the sums, of no shop.
    """

    def __init__(self, rows, **kwargs):
        self.rows = rows
        # Of the customer alone. Asked for the shop again, both databases were seen to choose its
        # index and to read all its rows for each customer.
        super().__init__(rows.filter(customer=OuterRef("pk")), **kwargs)

    def at_once(self, shop) -> Q:
        """The same for a whole shop; where all of several conditions must hold."""
        return Q(pk__in=self.rows.filter(shop=shop).values("customer"))


def settle(condition: Q, *, shop) -> Q:
    """Ask of a whole shop at once whatever every selected customer must meet."""
    if condition.negated or condition.connector != Q.AND:
        return condition
    settled = Q()
    for child in condition.children:
        if isinstance(child, Grouped):
            settled &= child.at_once(shop)
        elif isinstance(child, Q):
            settled &= settle(child, shop=shop)
        else:
            settled &= Q(child)
    return settled
