"""A random shop: people, consents, suppressions, shared phones, zones, caps and campaigns.

Everything comes from one seed, so that what was found can be found again.
"""

import datetime as dt
import random
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from barbershop.models import Barbershop, ClosedDay, Organization
from benchmarks.explaining import words
from campaigns.models import CampaignDefinition, CampaignSegment, CampaignVariant
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    MessageContent,
    Suppression,
)
from customers import consent
from customers.models import Appointment, Customer, CustomerSegment, CustomerTag, Payment, Tag

NEW_YORK = ZoneInfo("America/New_York")
FRIDAY = dt.datetime(2035, 6, 1, 12, tzinfo=NEW_YORK)
DAY = dt.timedelta(days=1)
# New York, Los Angeles, Texas (two zones), Florida and Oklahoma (caps of the law), Hawaii,
# toll-free, England, and an area code that no state has.
PREFIXES = (
    *("+1212234", "+1213234", "+1915234", "+1305234", "+1405234"),
    *("+1808234", "+1800234", "+44207946", "+1500234"),
)
ZIPS = ("", "", "", "10001", "90001", "33101", "09007", "73101")
ZONES = ("", "", "", "America/Denver", "Europe/London", "Asia/Tokyo")
CAUSES = tuple(Suppression.Cause.values)
NAMES = ("Sam", "Łukasz", "Ann", "", words.LONG_NAME)
TAGS = ("VIP", "beard", "kids")
CRITERIA = (
    {},
    {},
    {},
    {"visit_count": {"min": 1}},
    {"last_visit_days": {"min": 10, "max": 60}},
    {"tags": ["VIP", "kids"]},
    {"birthday_month": [1, 2, 3, 4, 5, 6]},
    {"has_upcoming_booking": False},
    {"total_spent": {"min": 5000}, "source": ["api", "csv"]},
    {"spending_tier": "high"},
    {"language": "es"},
)


@dataclass
class World:
    """One organisation with two shops; only the first one's campaigns are looked at."""

    chance: random.Random
    shop: Barbershop
    neighbour: Barbershop
    people: list[Customer] = field(default_factory=list)
    campaigns: list[CampaignDefinition] = field(default_factory=list)
    segments: list[CustomerSegment] = field(default_factory=list)
    slug: str = ""

    def moment(self) -> dt.datetime:
        """Some minute of the week: day, night, weekend."""
        return FRIDAY + dt.timedelta(minutes=self.chance.randrange(-12 * 60, 6 * 24 * 60))


def build(*, seed: int, people: int, campaigns: int, with_variations: bool = True) -> World:
    """Write such a world into the database."""
    chance = random.Random(seed)
    organization = Organization.objects.create(name="Random", slug=f"random-{seed}")
    shops = [_shop(chance, organization, f"random-{seed}-{n}") for n in range(2)]
    world = World(chance, *shops)
    for shop, number in ((world.shop, people), (world.neighbour, people // 4)):
        found = _people(chance, shop, number)
        _permissions(chance, shop, found)
        _visits(chance, shop, found)
        _had(chance, shop, found)
        if shop == world.shop:
            world.people = found
    world.segments = [_segment(world, n) for n in range(4)]
    for number in range(campaigns):
        world.campaigns.append(_campaign(world, number, with_variations=with_variations))
    return world


def _shop(chance, organization, slug: str) -> Barbershop:
    shop = Barbershop.objects.create(
        organization=organization,
        name=slug.title(),
        slug=slug,
        timezone="America/New_York",
        postal_address="1 Test Street, Springfield, NY 10001",
        booking_url="https://book.example.test/",
        cap_messages=chance.choice([1, 2, 3]),
        cap_sms=chance.choice([1, 2]),
        cap_period_days=chance.choice([3, 7]),
    )
    ClosedDay.objects.create(shop=shop, weekday=6)
    if chance.random() < 0.5:  # a long weekend: longer than a text may wait
        for day in range(3, 7):
            ClosedDay.objects.create(shop=shop, on=FRIDAY.date() + day * DAY)
    return shop


def _people(chance, shop, number: int) -> list[Customer]:
    phones = [f"{chance.choice(PREFIXES)}{n:04d}" for n in range(max(1, number * 3 // 4))]
    customers = []
    for _ in range(number):
        erased = chance.random() < 0.03
        month = chance.choice([None, *range(1, 13)])
        customer = Customer(
            shop=shop,
            first_name="" if erased else chance.choice(NAMES),
            email="" if erased or chance.random() < 0.15 else _email(chance, number),
            phone="" if erased or chance.random() < 0.15 else chance.choice(phones),
            zip="" if erased else chance.choice(ZIPS),
            timezone=chance.choice(ZONES),
            language=chance.choice(["", "en", "es"]),
            birth_month=None if erased else month,
            birth_day=None if erased or month is None else chance.randint(1, 28),
            source=chance.choice(["api", "csv", "staff"]),
            erased_at=FRIDAY - 30 * DAY if erased else None,
        )
        customers.append(customer.prepare())
    Customer.objects.bulk_create(customers)
    # Some are recorded while the week goes on: whoever comes later is in no earlier audience.
    for customer in customers:
        customer.created_at = FRIDAY - DAY
        if chance.random() < 0.05:
            customer.created_at = FRIDAY + chance.randrange(0, 96) * DAY / 24
    Customer.objects.bulk_update(customers, ["created_at"], batch_size=500)
    tags = [Tag.objects.create(shop=shop, name=name) for name in TAGS]
    CustomerTag.objects.bulk_create(
        CustomerTag(shop=shop, customer=customer, tag=tag)
        for customer in customers
        for tag in tags
        if chance.random() < 0.25
    )
    return customers


def _email(chance, number: int) -> str:
    """One in three shares his with somebody."""
    return f"person{chance.randrange(number * 2)}@example.test"


def _permissions(chance, shop, people) -> None:
    decisions = ("opted_in", "opted_in", "opted_in", "opted_out", "unproven")
    statements = []
    for customer in people:
        if customer.erased_at:
            continue
        for channel, share in (("sms", 0.85), ("email", 0.3)):
            if chance.random() < share:
                statements.append(_statement(chance, customer, channel, chance.choice(decisions)))
    consent.record_many(statements, now=FRIDAY - 20 * DAY)
    Suppression.objects.bulk_create(
        (
            Suppression(
                shop=shop,
                channel=channel,
                address_hmac=hmac,
                cause=chance.choice(CAUSES),
            )
            for customer in people
            for channel, hmac in (("sms", customer.phone_hmac), ("email", customer.email_hmac))
            if hmac and chance.random() < 0.04
        ),
        ignore_conflicts=True,
    )


def _statement(chance, customer, channel: str, decision: str) -> consent.Statement:
    return consent.Statement(
        customer=customer,
        channel=channel,
        decision=decision,
        source="paper form",
        given_at=FRIDAY - 20 * DAY,
        disclosure_text="I agree.",
        disclosure_version="2026-1",
        # Some have another number by now.
        address="+12125550000" if channel == "sms" and chance.random() < 0.1 else "",
    )


def _visits(chance, shop, people) -> None:
    appointments, payments = [], []
    for customer in people:
        for _ in range(chance.choice([0, 0, 1, 2])):
            at = FRIDAY - chance.randrange(1, 90 * 24) * DAY / 24
            appointments.append(_appointment(shop, customer, "completed", at))
            amount = chance.randrange(1000, 9000)
            payments.append(Payment(shop=shop, customer=customer, amount=amount, paid_at=at))
        if chance.random() < 0.15:
            at = FRIDAY + chance.randrange(-48, 14 * 24) * DAY / 24
            appointments.append(_appointment(shop, customer, "booked", at))
    Appointment.objects.bulk_create(appointments)
    Payment.objects.bulk_create(payments)


def _appointment(shop, customer, status: str, at: dt.datetime) -> Appointment:
    return Appointment(
        shop=shop, customer=customer, status=status, starts_at=at, booked_at=at - DAY
    )


def _had(chance, shop, people) -> None:
    """Messages of the last days, that count for the caps, also those of the neighbour's shop."""
    for channel in ("email", "sms"):
        dispatch = Dispatch.objects.create(shop=shop, kind="marketing", state="done")
        content = MessageContent.objects.create(
            shop=shop, dispatch=dispatch, channel=channel, text="x", variant_label="A"
        )
        for customer in people:
            address = customer.email if channel == "email" else customer.phone
            if address and chance.random() < 0.2:
                _message(chance, shop, dispatch, content, customer, channel, address)


def _message(chance, shop, dispatch, content, customer, channel, address) -> None:
    at = FRIDAY + dt.timedelta(hours=chance.randrange(-9 * 24, -1))
    attempt = DeliveryAttempt.objects.create(
        shop=shop,
        dispatch=dispatch,
        channel=channel,
        state=chance.choice(["accepted", "accepted", "unknown", "not_sent"]),
        message_count=1,
        claimed_at=at,
        lease_until=at,
        sending_at=at,
        call_deadline=at,
        answered_at=at,
    )
    hmac = customer.email_hmac if channel == "email" else customer.phone_hmac
    taken = CustomerCommunication.objects.filter(dispatch=dispatch, address=address).exists()
    if not taken:
        CustomerCommunication.objects.create(
            shop=shop,
            dispatch=dispatch,
            content=content,
            customer=customer,
            channel=channel,
            address=address,
            address_hmac=hmac,
            queued_at=at,
            send_state="in_call",
            attempt=attempt,
        )


def _segment(world: World, number: int) -> CustomerSegment:
    return CustomerSegment.objects.create(
        shop=world.shop, name=f"Segment {number}", criteria=world.chance.choice(CRITERIA)
    )


def _campaign(world: World, number: int, *, with_variations: bool) -> CampaignDefinition:
    chance, shop = world.chance, world.shop
    kind = chance.choice(["email", "sms", "multi", "multi"])
    definition = CampaignDefinition.objects.create(
        shop=shop,
        name=f"Campaign {number}",
        campaign_type=kind,
        category=chance.choice(["promotional", "promotional", "birthday"]),
        channel_policy=chance.choice(["all", "first_available"]),
        target_criteria=chance.choice(CRITERIA),
        holdout_percent=chance.choice([0, 0, 20, 50]),
        excludes_booked=chance.random() < 0.3,
        excludes_visited_days=chance.choice([None, None, 14]),
    )
    for label in ("A", "B")[: chance.choice([1, 2])]:
        has_variations = with_variations and chance.random() < 0.4
        CampaignVariant.objects.create(
            shop=shop,
            definition=definition,
            label=label,
            weight=chance.choice([1, 3]),
            channels=words.drawn(chance, kind),
            variations=words.variations(chance, kind, CRITERIA) if has_variations else [],
        )
    for segment in chance.sample(world.segments, chance.choice([0, 0, 0, 1, 2])):
        CampaignSegment.objects.create(
            shop=shop,
            definition=definition,
            segment=segment,
            mode=chance.choice(["include", "exclude"]),
        )
    return definition
