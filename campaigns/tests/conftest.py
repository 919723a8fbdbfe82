"""What tests of campaigns begin with: who works in the shop, and what it has given out."""

import pytest

from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory
from campaigns.tests.factories import OfferCodeFactory


@pytest.fixture
def sign_in(client, shop):
    """Signs somebody in who works in the shop, and gives his browser."""

    def as_(role=Membership.Role.OWNER, **user):
        client.force_login(MembershipFactory(shop=shop, role=role, **user).user)
        return client

    return as_


@pytest.fixture
def code(shop):
    """A code of the shop; another shop has given out one with the same beginning."""
    OfferCodeFactory(offer__name="Theirs", code="SUMMER-0THER0")
    return OfferCodeFactory(offer__shop=shop, offer__name="Summer", code="SUMMER-7K2Q9A")
