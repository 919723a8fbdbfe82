"""Whoever tries codes at random is stopped long before he finds one.

Ten thousand codes are one in a hundred thousand of those that could be: at twenty misses in ten
minutes a hit takes a month. Who types honestly misses once or twice. Counted in the cache, so in
each process for itself.
"""

from django.core.cache import cache

MOST, WINDOW = 20, 600  # misses, seconds
TOO_MANY = "Too many codes were tried that nobody has. Try again in ten minutes."


def is_guessing(*, shop, who) -> bool:
    """Whether this person or token has missed too often in this shop lately."""
    return cache.get(_key(shop, who), 0) >= MOST


def missed(*, shop, who) -> None:
    """Count one code that does not exist."""
    key = _key(shop, who)
    if not cache.add(key, 1, WINDOW):
        try:
            cache.incr(key)
        except ValueError:  # it ran out in this very moment
            cache.set(key, 1, WINDOW)


def _key(shop, who) -> str:
    return f"offer-codes-missed:{shop.pk}:{who._meta.label_lower}:{who.pk}"
