"""The organisation, its two shops, who works there and who may sign in."""

from dataclasses import dataclass

from barbershop.models import Barber, Barbershop, ClosedDay, Membership, Organization, Service, User
from communications.models import SenderIdentity
from customers.channels import Channel

# Only ever set on accounts of the demonstration, on a machine that is in demo or debug mode.
PASSWORD = "password"  # noqa: S105
OWNER, STAFF = "owner@demo.example", "staff@demo.example"

# name, category, minor units, minutes, how often it is chosen
SERVICES = (
    ("Haircut", "cut", 3_500, 30, 50),
    ("Skin fade", "cut", 4_200, 45, 20),
    ("Cut and beard", "cut", 5_200, 45, 15),
    ("Beard trim", "beard", 2_200, 30, 9),
    ("Hot towel shave", "beard", 4_000, 30, 6),
)


@dataclass(frozen=True)
class ShopPlan:
    """A shop to invent. One area code has a hundred fictitious numbers (555-0100 to 0199)."""

    slug: str
    name: str
    timezone: str
    address: str
    phone: str
    customers: int
    barbers: tuple[tuple[str, str], ...]
    area_codes: tuple[int, ...]
    zip_prefix: str


@dataclass(frozen=True)
class Staffed:
    """A shop that exists, with its barbers and services."""

    shop: Barbershop
    barbers: tuple[Barber, ...]
    services: tuple[Service, ...]


def open_organization(slug: str) -> Organization:
    return Organization.objects.create(slug=slug, name="Demo Barber Company")


def open_shop(plan: ShopPlan, organization: Organization, *, links: str) -> Staffed:
    """Create the shop with everything that does not change."""
    shop = Barbershop.objects.create(
        organization=organization,
        slug=plan.slug,
        name=plan.name,
        timezone=plan.timezone,
        postal_address=plan.address,
        phone=plan.phone,
        booking_url=links,
        # Whoever tries the demonstration on a Sunday wants to see texts go, too.
        sends_on_closed_days=True,
    )
    for weekday in (6, 0):
        ClosedDay.objects.create(shop=shop, weekday=weekday, reason="Closed")
    SenderIdentity.objects.create(
        shop=shop,
        channel=Channel.EMAIL,
        address=f"hello@{plan.slug}.example.com",
        name=plan.name,
    )
    barbers = Barber.objects.bulk_create(
        Barber(shop=shop, external_id=f"demo-b{n}", first_name=first, last_name=last)
        for n, (first, last) in enumerate(plan.barbers, 1)
    )
    services = Service.objects.bulk_create(
        Service(
            shop=shop,
            external_id=f"demo-s{n}",
            name=name,
            category=category,
            price=price,
            duration_minutes=minutes,
        )
        for n, (name, category, price, minutes, _) in enumerate(SERVICES, 1)
    )
    return Staffed(shop, tuple(barbers), tuple(services))


def open_accounts(organization: Organization, first_shop: Barbershop) -> None:
    """The owner sees both shops and the admin; staff see the first shop only."""
    owner = User.objects.filter(email=OWNER).first() or User.objects.create_superuser(
        OWNER, PASSWORD, first_name="Olivia", last_name="Owner"
    )
    staff = User.objects.filter(email=STAFF).first() or User.objects.create_user(
        STAFF, PASSWORD, first_name="Sid", last_name="Staff", is_staff=True
    )
    Membership.objects.create(user=owner, organization=organization, role=Membership.Role.OWNER)
    Membership.objects.create(
        user=staff, organization=organization, shop=first_shop, role=Membership.Role.STAFF
    )
