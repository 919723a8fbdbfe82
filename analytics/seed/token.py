"""An API token for the copied examples, kept where only this machine's user can read it."""

from pathlib import Path

from django.utils import timezone

from barbershop.models import ApiToken, Barbershop, digest_of

NAME = "Demonstration"
SCOPES = ("read", "write", "send")


def token_for(shop: Barbershop, path: Path) -> str:
    """The token in the file while it is still good, else a new one that takes its place."""
    plain = path.read_text().strip() if path.is_file() else ""
    usable = ApiToken.objects.for_shop(shop).usable().filter(name=NAME)
    if plain and usable.filter(digest=digest_of(plain)).exists():
        return plain
    usable.update(revoked_at=timezone.now())
    _, plain = ApiToken.issue(shop=shop, name=NAME, scopes=SCOPES)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(f"{plain}\n")
    return plain
