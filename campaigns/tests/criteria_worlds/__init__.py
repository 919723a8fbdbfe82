"""Small random worlds, random criteria over every fact, and a plain-Python reading of them."""
