"""What only the database knows of criteria: whether the rows that they name are there."""

from customers.criteria.errors import ProbableSlip
from customers.criteria.language import Criteria


def check(
    parsed: Criteria, *, shop, segment: int | None = None, stored: Criteria | None = None
) -> None:
    """Refuse criteria that name a segment, barber, service or campaign this shop does not have.

    Every door that stores criteria asks this first.

    Args:
        segment: the id of the segment that is to have these criteria; it must not be made of
            itself.
        stored: criteria that were taken before. A word of theirs is not refused because somebody
            has begun to use one like it since.

    Raises:
        CriteriaError: at the first such name.
    """
    taken = [(term.fact.name, term.value) for term in stored.terms] if stored else []
    for term in parsed.terms:
        try:
            term.fact.check(term.value, term.path, shop=shop, segment=segment)
        except ProbableSlip:
            if (term.fact.name, term.value) not in taken:
                raise
