import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from barbershop.tests.factories import ShopFactory
from campaigns.models import (
    CampaignDefinition,
    CampaignExecution,
    CampaignVariant,
    Offer,
    OfferCode,
)
from communications.tests.factories import DispatchFactory
from customers.tests.factories import CustomerFactory

EMAIL = {
    "email": {
        "subject": "Beat the heat with 20% off!",
        "message": "Hi {{customer_first_name}}, stay cool this summer...",
        "personalization": True,
    }
}


class DefinitionFactory(DjangoModelFactory):
    """An email campaign to everybody, with one arm."""

    class Meta:
        model = CampaignDefinition
        skip_postgeneration_save = True

    shop = factory.SubFactory(ShopFactory)
    name = factory.Sequence(lambda n: f"Campaign {n}")
    campaign_type = "email"

    @factory.post_generation
    def channels(self, create, extracted, **kwargs):
        CampaignVariant.objects.create(
            shop=self.shop, definition=self, label="A", channels=extracted or EMAIL
        )


class ExecutionFactory(DjangoModelFactory):
    class Meta:
        model = CampaignExecution

    definition = factory.SubFactory(DefinitionFactory, status="active")
    shop = factory.SelfAttribute("definition.shop")
    dispatch = factory.SubFactory(DispatchFactory, shop=factory.SelfAttribute("..shop"))
    started_at = factory.LazyFunction(timezone.now)
    audience_complete_at = factory.LazyFunction(timezone.now)


class OfferFactory(DjangoModelFactory):
    """A fifth off, for thirty days."""

    class Meta:
        model = Offer

    shop = factory.SubFactory(ShopFactory)
    name = factory.Sequence(lambda n: f"Offer {n}")
    kind = "percent"
    value = 20
    valid_days = 30
    code_prefix = "SUMMER"


class OfferCodeFactory(DjangoModelFactory):
    """Of a customer, and never redeemed."""

    class Meta:
        model = OfferCode

    offer = factory.SubFactory(OfferFactory)
    shop = factory.SelfAttribute("offer.shop")
    customer = factory.SubFactory(CustomerFactory, shop=factory.SelfAttribute("..shop"))
    code = factory.Sequence(lambda n: f"SUMMER-{n:06d}")
