"""What only the database knows of criteria: whether the rows that they name are there."""

from customers.criteria.language import Criteria


def check(parsed: Criteria, *, shop, segment: int | None = None) -> None:
    """Refuse criteria that name a segment, barber, service or campaign this shop does not have.

    Every door that stores criteria asks this first.

    Args:
        segment: the id of the segment that is to have these criteria; it must not be made of
            itself.

    Raises:
        CriteriaError: at the first such name.
    """
    for term in parsed.terms:
        term.fact.check(term.value, term.path, shop=shop, segment=segment)
