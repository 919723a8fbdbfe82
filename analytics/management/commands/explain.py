"""Why did, or didn't, this customer get this campaign?"""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics import explainer
from analytics.management.commands.tick import moment


class Command(BaseCommand):
    help = "Say what a campaign did for one customer, and what it would do, in words."

    def add_arguments(self, parser):
        parser.add_argument("--campaign", type=int, required=True, metavar="ID")
        parser.add_argument("--customer", type=int, required=True, metavar="ID")
        parser.add_argument("--now", type=moment, help="ISO 8601, for what it would do")

    def handle(self, *, campaign, customer, now, **_):
        try:
            definition, person = explainer.find(campaign_id=campaign, customer_id=customer)
        except explainer.Unknown as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{definition} and {person} ({definition.shop})")
        for line in explainer.explain(definition, person, now=now or timezone.now()):
            self.stdout.write(line)
