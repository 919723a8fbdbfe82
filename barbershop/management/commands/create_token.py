import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from barbershop.api.permissions import SCOPES
from barbershop.models import ApiToken, Barbershop


class Command(BaseCommand):
    help = "Make an API token for one shop. It is printed once and cannot be shown again."

    def add_arguments(self, parser):
        parser.add_argument("--shop", required=True, metavar="SLUG")
        parser.add_argument("--name", required=True, help="What it is for; shown in admin.")
        parser.add_argument("--scopes", default="read,write", help="Of: read,write,send.")
        parser.add_argument("--expires-days", type=int, help="Without it the token never expires.")

    def handle(self, *, shop, name, scopes, expires_days, **options):
        longest = ApiToken._meta.get_field("name").max_length
        if not 1 <= len(name.strip()) <= longest:
            raise CommandError(f"--name must have 1 to {longest} characters.")
        _, plain = ApiToken.issue(
            shop=_shop(shop), name=name, scopes=_scopes(scopes), expires_at=_expiry(expires_days)
        )
        self.stderr.write("Keep this token; it is not shown again:")
        self.stdout.write(plain)


def _shop(slug: str) -> Barbershop:
    shop = Barbershop.objects.filter(slug=slug).first()
    if shop is None:
        known = ", ".join(Barbershop.objects.values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"There is no shop {slug!r}. Shops are: {known}.")
    return shop


def _scopes(raw: str) -> set[str]:
    scopes = {scope.strip() for scope in raw.replace(" ", ",").split(",") if scope.strip()}
    unknown = scopes - set(SCOPES)
    if unknown or not scopes:
        wrong = ", ".join(sorted(unknown)) or "nothing"
        raise CommandError(f"--scopes is {wrong}; write some of {','.join(SCOPES)}.")
    return scopes


def _expiry(days: int | None) -> dt.datetime | None:
    if days is None:
        return None
    if not 1 <= days <= 3650:
        raise CommandError("--expires-days must be between 1 and 3650.")
    return timezone.now() + dt.timedelta(days=days)
