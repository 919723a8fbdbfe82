"""Why did, or didn't, this customer get this campaign? Without one: who gets it, who does not."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics import explained, explainer, falls, rule_words
from analytics.management.commands.tick import moment
from campaigns.refusals import Refused
from customers.criteria import CriteriaError


class Command(BaseCommand):
    help = (
        "Say what a campaign did for one customer, and what it would do, in words. Without a "
        "customer: how many match, and what takes away those who do not get it."
    )

    def add_arguments(self, parser):
        parser.add_argument("--campaign", type=int, required=True, metavar="ID")
        parser.add_argument("--customer", type=int, metavar="ID")
        parser.add_argument("--now", type=moment, help="ISO 8601, for what it would do")

    def handle(self, *, campaign, customer=None, now=None, **_):
        now = now or timezone.now()
        try:
            if customer is None:
                lines = self._waterfall(campaign, now=now)
            else:
                lines = self._explanation(campaign, customer, now=now)
        except explainer.Unknown as error:
            raise CommandError(str(error)) from error
        except (Refused, CriteriaError) as error:
            raise CommandError(f"Campaign {campaign} cannot be explained: {error}") from error
        for line in lines:
            self.stdout.write(line)

    def _explanation(self, campaign: int, customer: int, *, now) -> list[str]:
        definition, person = explainer.find(campaign_id=campaign, customer_id=customer)
        found = explainer.explain(definition, person, now=now, words=rule_words.owners)
        said = explained.lines(found, definition=definition, customer=person)
        return [f"{definition} and {person} ({_of(definition.shop)})", *said]

    def _waterfall(self, campaign: int, *, now) -> list[str]:
        definition = explainer.campaign(campaign)
        found = falls.of(definition, now=now)
        zone = definition.shop.zone
        said = [line for each in found if each for line in falls.lines(each, zone=zone)]
        return [f"{definition} ({_of(definition.shop)})", *said]


def _of(shop) -> str:
    """The shop, and in which zone its times are."""
    return f"{shop}, {shop.zone}"
