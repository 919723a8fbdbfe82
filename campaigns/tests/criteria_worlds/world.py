"""A shop with people, visits, payments, consent, segments and messages, drawn at random.

Times lie on whole days before and after ``NOW`` or a hair beside them, so that ends of ranges are
met exactly. Another shop has the same tags, external ids and campaigns.
"""

import datetime as dt
import random
from dataclasses import dataclass, field

from barbershop.models import Barbershop
from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory
from campaigns.models import CampaignDefinition
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import CustomerCommunication
from communications.tests.factories import ContentFactory, DispatchFactory
from customers import consent
from customers.models import (
    Appointment,
    ContactConsent,
    Customer,
    CustomerHealthScore,
    CustomerTag,
    Payment,
    Tag,
)
from customers.tests.factories import SegmentFactory

NOW = dt.datetime(2028, 2, 20, 15, tzinfo=dt.UTC)  # nine days before a 29 February
HAIR = dt.timedelta(microseconds=1)
NEVER_CAME = 3  # people without a visit or a payment
TAGS = ("vip", "beard", "Do Not Text")
AGAIN = ("VIP", "do  not text ")  # the same tags, as they could once be stored beside them
PEOPLE = 24


@dataclass
class World:
    shop: Barbershop
    campaigns: list[CampaignDefinition] = field(default_factory=list)
    segments: dict = field(default_factory=dict)


def alike(word: str) -> str:
    """What tags and categories are compared by."""
    return " ".join(word.lower().split())


def build(seed: int, *, fixed_tiers: bool = False) -> World:
    rng = random.Random(seed)
    world = World(_shop(fixed_tiers=fixed_tiers))
    for shop in (ShopFactory(), world.shop):
        _people(rng, shop)
        found = _campaigns(rng, shop)
    world.campaigns = found
    world.segments = _segments(world.shop, found[0])
    return world


def _shop(*, fixed_tiers: bool) -> Barbershop:
    fixed = {"spending_medium_from": 4000, "spending_high_from": 7000} if fixed_tiers else {}
    return ShopFactory(country="US", timezone="America/New_York", language="en", **fixed)


def _moment(rng: random.Random, *, earliest: int = -70, latest: int = 12) -> dt.datetime:
    aside = rng.choice([HAIR, -HAIR, dt.timedelta(), dt.timedelta(), dt.timedelta(hours=7)])
    return NOW + dt.timedelta(days=rng.randint(earliest, latest)) + aside


def _people(rng: random.Random, shop: Barbershop) -> None:
    barbers = [BarberFactory(shop=shop, external_id=name) for name in ("tony", "ana")]
    services = [
        ServiceFactory(shop=shop, external_id=name, category=category)
        for name, category in (("cut", "Hair"), ("fade", "Ärmel  hair"), ("trim", "Beard"))
    ]
    people = Customer.objects.bulk_create(_person(rng, shop, barbers) for _ in range(PEOPLE))
    _tags(rng, shop, people)
    _visits(rng, people, barbers, services)
    _payments(rng, people)
    _health(rng, people)
    _consents(rng, people)


def _person(rng: random.Random, shop: Barbershop, barbers) -> Customer:
    month, day = rng.choice([(None, None), (2, 29), (2, 28), (2, 20), (3, 1), (4, 31), (12, 31)])
    return Customer(
        shop=shop,
        first_name=rng.choice(["Sam", "Ana", "Jo"]),
        last_name=rng.choice(["Santos", "Ray", ""]),
        email=rng.choice(["", f"a{rng.random()}@example.test"]),
        phone=rng.choice(["", f"+1212555{rng.randrange(10**4):04d}"]),
        zip=rng.choice(["", "10001", "11201-1234", "90210", "96799", "96701", "57701"]),
        timezone=rng.choice(["", "", "America/Chicago", "America/New_York"]),
        language=rng.choice(["", "en", "en-GB", "es", "ES"]),
        birth_month=month,
        birth_day=day,
        source=rng.choice(["staff", "csv", "sign_up"]),
        preferred_barber=rng.choice([None, *barbers]),
    ).prepare()


def _tags(rng: random.Random, shop: Barbershop, people) -> None:
    tags = [Tag.objects.create(shop=shop, name=name) for name in (*TAGS, *AGAIN)]
    CustomerTag.objects.bulk_create(
        CustomerTag(shop=shop, customer=person, tag=tag)
        for person in people
        for tag in tags
        if rng.random() < (0.1 if tag.name in AGAIN else 0.35)
    )


def _visits(rng: random.Random, people, barbers, services) -> None:
    Appointment.objects.bulk_create(
        Appointment(
            shop_id=person.shop_id,
            customer=person,
            status=rng.choice(["completed", "completed", "booked", "cancelled", "no_show"]),
            barber=rng.choice([None, *barbers]),
            service=rng.choice([None, *services]),
            starts_at=_moment(rng),
            booked_at=NOW,
        )
        for person in people[NEVER_CAME:]
        for _ in range(rng.randrange(6))
    )


def _payments(rng: random.Random, people) -> None:
    Payment.objects.bulk_create(
        Payment(
            shop_id=person.shop_id,
            customer=person,
            amount=(amount := rng.choice([1000, 2500, 4000])),
            refunded_amount=rng.choice([0, 0, 0, 500, amount]),
            paid_at=_moment(rng, latest=3),
        )
        for person in people[NEVER_CAME:]
        for _ in range(rng.randrange(4))
    )


def _health(rng: random.Random, people) -> None:
    CustomerHealthScore.objects.bulk_create(
        CustomerHealthScore(
            shop_id=person.shop_id,
            customer=person,
            score=rng.choice([0, 40, 41, 100]),
            stage=rng.choice(["new", "active", "at_risk"]),
            computed_at=NOW,
        )
        for person in people
        if rng.random() < 0.7
    )


def _consents(rng: random.Random, people) -> None:
    given = [NOW - dt.timedelta(days=number) for number in (1, 2, 2, 3)]
    consent.record_many(
        [
            consent.Statement(
                customer=person,
                channel=rng.choice(["sms", "email"]),
                decision=rng.choice(ContactConsent.Decision.values),
                source="form",
                given_at=rng.choice(given),
                topic=rng.choice(["marketing", "marketing", "appointments"]),
                address=rng.choice(["", "", "+12125559999"]),
            )
            for person in people
            for _ in range(rng.randrange(4))
        ],
        now=NOW,
    )


def _campaigns(rng: random.Random, shop: Barbershop) -> list[CampaignDefinition]:
    """Two campaigns, one of them executed twice, a test of one and a reminder of none."""
    definitions = [DefinitionFactory(shop=shop) for _ in range(2)]
    runs = [(definitions[0], "manual"), (definitions[0], "again"), (definitions[1], "manual")]
    dispatches = [
        ExecutionFactory(definition=definition, occurrence_key=key).dispatch
        for definition, key in runs
    ]
    test = DispatchFactory(shop=shop, kind="test")
    ExecutionFactory(definition=definitions[1], occurrence_key="test", dispatch=test)
    for dispatch in [*dispatches, test, DispatchFactory(shop=shop, kind="transactional")]:
        _messages(rng, dispatch)
    return definitions


def _messages(rng: random.Random, dispatch) -> None:
    content = ContentFactory(dispatch=dispatch, shop=dispatch.shop)
    rows = []
    for person in Customer.objects.for_shop(dispatch.shop):
        for channel in ("email", "sms"):
            times = {
                name: _moment(rng, latest=2) if rng.random() < 0.3 else None
                for name in (
                    *("delivered_at", "opened_at", "clicked_at", "replied_at"),
                    *("machine_opened_at", "machine_clicked_at"),
                )
            }
            rows.append(
                CustomerCommunication(
                    shop=dispatch.shop,
                    dispatch=dispatch,
                    content=content,
                    customer=person,
                    channel=channel,
                    send_state="cancelled",
                    **times,
                )
            )
    CustomerCommunication.objects.bulk_create(rows)


def _segments(shop: Barbershop, campaign: CampaignDefinition) -> dict:
    plain = SegmentFactory(shop=shop, criteria={"any": [{"tags": "vip"}, {"source": "csv"}]})
    nested = SegmentFactory(
        shop=shop,
        criteria={"not": {"in_segment": plain.pk}, "opened": {"campaign": campaign.pk}},
    )
    ring = SegmentFactory(shop=shop)
    ring.criteria = {"any": [{"in_segment": [ring.pk, nested.pk]}, {"visit_count": {"min": 3}}]}
    ring.save()
    return {each.pk: each.criteria for each in (plain, nested, ring)}
