"""Fill the database with two invented shops."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics import seed
from analytics.seed.shops import OWNER, PASSWORD, STAFF
from analytics.seed.token import token_for


class Command(BaseCommand):
    help = "Fill the database with two invented shops. Only where DEMO or DEBUG is set."

    def handle(self, **_):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError(
                "This makes accounts with a public password: it runs only with DEMO=true or "
                "DEBUG=true in the environment."
            )
        began = time.monotonic()
        built = seed.build(now=timezone.now())
        path = settings.VAR_DIR / "demo-token"
        token_for(built.shops[0], path)
        said = f"Made in {time.monotonic() - began:.1f} s" if built.is_new else "Was there already"
        names = " and ".join(shop.name for shop in built.shops)
        self.stdout.write(
            f"{said}: {names}.\n"
            f"  Owner  {OWNER} / {PASSWORD}  (both shops, admin)\n"
            f"  Staff  {STAFF} / {PASSWORD}  ({built.shops[0].name})\n"
            f'  API    Authorization: Bearer "$(cat {_shown(path)})"  ({built.shops[0].name})'
        )


def _shown(path) -> str:
    base = settings.BASE_DIR
    return str(path.relative_to(base) if path.is_relative_to(base) else path)
