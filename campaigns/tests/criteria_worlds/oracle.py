"""What criteria mean, read once more in plain Python over rows in memory, person by person."""

import datetime as dt
import hashlib
from collections import defaultdict

from barbershop.models import Service
from campaigns.models import CampaignExecution
from campaigns.tests.criteria_worlds.world import World, alike
from communications.models import CustomerCommunication
from customers.models import (
    Appointment,
    ContactConsent,
    Customer,
    CustomerHealthScore,
    CustomerTag,
    Payment,
)

DAY = dt.timedelta(days=1)
STATES = {"100": "NY", "112": "NY", "902": "CA", "967": "HI", "577": "SD"}
ZONES = {
    "NY": {"America/New_York"},
    "CA": {"America/Los_Angeles"},
    "HI": {"Pacific/Honolulu"},
    "AS": {"Pacific/Pago_Pago"},
    "SD": {"America/Denver"},
}


def many(value):
    return value if isinstance(value, list) else [value]


def fits(number, value) -> bool:
    return number is not None and value.get("min", number) <= number <= value.get("max", number)


class Oracle:
    """All rows of the world, read once."""

    def __init__(self, world: World):
        self.world, self.shop = world, world.shop
        self.people = list(Customer.objects.filter(shop=self.shop))
        self.rows = {
            model: self._by_customer(model)
            for model in (Appointment, Payment, CustomerTag, CustomerHealthScore, ContactConsent)
        }
        runs = CampaignExecution.objects.exclude(dispatch__kind="test")
        self.campaign_of = dict(runs.values_list("dispatch", "definition"))
        self.rows[CustomerCommunication] = self._by_customer(CustomerCommunication)
        self.services = {row.pk: row for row in Service.objects.all()}

    def _by_customer(self, model) -> dict:
        found = defaultdict(list)
        related = {CustomerTag: ("tag",), Appointment: ("barber", "service")}.get(model, ())
        for row in model.objects.select_related(*related):
            found[row.customer_id].append(row)
        return found

    def matching(self, raw: dict, *, now: dt.datetime) -> set[int]:
        self.now = now
        return {person.pk for person in self.people if self.meets(raw, person, ())}

    def meets(self, raw: dict, person, above: tuple) -> bool:
        return all(self._key(key, value, person, above) for key, value in raw.items())

    def _key(self, key, value, person, above) -> bool:
        if key == "all":
            return all(self.meets(each, person, above) for each in value)
        if key == "any":
            return any(self.meets(each, person, above) for each in value)
        if key == "not":
            return not self.meets(value, person, above)
        if key == "in_segment":
            return any(
                self.meets(self.world.segments[pk], person, (*above, pk))
                for pk in many(value)
                if pk not in above
            )
        return getattr(self, key)(value, person)

    def name(self, value, person):
        names = (person.first_name.lower(), person.last_name.lower())
        return all(any(word in name for name in names) for word in value.lower().split())

    def _tags(self, person):
        return {alike(row.tag.name) for row in self.rows[CustomerTag][person.pk]}

    def tags(self, value, person):
        return bool(set(map(alike, many(value))) & self._tags(person))

    def tags_all(self, value, person):
        return set(map(alike, many(value))) <= self._tags(person)

    def preferred_barber(self, value, person):
        return person.preferred_barber is not None and (
            person.preferred_barber.external_id in many(value)
        )

    def language(self, value, person):
        spoken = (person.language or self.shop.language).lower()
        wanted = [word.lower() for word in many(value)]
        return any(spoken == word or spoken.startswith(f"{word}-") for word in wanted)

    def source(self, value, person):
        return person.source in many(value)

    def reachable(self, value, person):
        return any({"email": person.email, "sms": person.phone}[one] for one in many(value))

    def lifecycle_stage(self, value, person):
        return any(row.stage in many(value) for row in self.rows[CustomerHealthScore][person.pk])

    def health_score(self, value, person):
        return any(fits(row.score, value) for row in self.rows[CustomerHealthScore][person.pk])

    def birthday_month(self, value, person):
        return person.birth_month in many(value)

    def sent_in_month(self, value, person):
        return self.now.astimezone(self.shop.zone).month in many(value)

    def birthday_this_month(self, value, person):
        return self.sent_in_month(person.birth_month, person) == value

    def birthday_in_days(self, value, person):
        today = self.now.astimezone(self.shop.zone).date()
        for year in range(today.year, today.year + 2):
            try:
                on = dt.date(year, person.birth_month, person.birth_day)
            except TypeError:
                return False
            except ValueError:
                if person.birth_month != 2:
                    return False
                on = dt.date(year, 2, 28)
            if on >= today and (on - today).days <= 365:
                return fits((on - today).days, value)
        return False

    def _state(self, person):
        return "AS" if person.zip == "96799" else STATES.get(person.zip[:3], "")

    def zip(self, value, person):
        return any(person.zip.startswith(prefix) for prefix in many(value))

    def state(self, value, person):
        return self._state(person) in [state.upper() for state in many(value)]

    def time_zone(self, value, person):
        if person.timezone:
            return person.timezone in many(value)
        zones = ZONES.get(self._state(person), {self.shop.timezone})
        return bool(zones & set(many(value)))

    def consent(self, value, person):
        said = [
            row
            for row in self.rows[ContactConsent][person.pk]
            if (row.channel, row.topic) == (value["channel"], value.get("topic", "marketing"))
        ]
        if not said:
            return "none" in many(value["decision"])
        last = max(said, key=lambda row: (row.given_at, row.seq))
        decision = last.decision
        today = {"sms": person.phone_hmac, "email": person.email_hmac}[value["channel"]]
        moved = last.address_hmac != today
        if decision == "opted_in" and moved:
            decision = "stale"
        return decision in many(value["decision"])

    def _visits(self, person):
        rows = self.rows[Appointment][person.pk]
        came = [row.starts_at for row in rows if row.status == "completed"]
        return sorted(at for at in came if at <= self.now)

    def last_visit_days(self, value, person):
        came = self._visits(person)
        return bool(came) and fits((self.now - came[-1]) // DAY, value)

    def first_visit_days(self, value, person):
        came = self._visits(person)
        return bool(came) and fits((self.now - came[0]) // DAY, value)

    def _on(self, index, value, person):
        came = self._visits(person)
        if not came:
            return False
        on = came[index].astimezone(self.shop.zone).date().isoformat()
        return value.get("from", on) <= on <= value.get("to", on)

    def last_visit_on(self, value, person):
        return self._on(-1, value, person)

    def first_visit_on(self, value, person):
        return self._on(0, value, person)

    def has_upcoming_booking(self, value, person):
        value = {"booked": value} if isinstance(value, bool) else value
        until = self.now + DAY * value.get("within_days", 9999)
        booked = any(
            row.status == "booked" and self.now < row.starts_at <= until
            for row in self.rows[Appointment][person.pk]
        )
        return booked == value.get("booked", True)

    def _recent(self, at, value) -> bool:
        return at is not None and self.now - DAY * value.get("days", 9999) <= at <= self.now

    def _count(self, status, value, person):
        number = 0
        for row in self.rows[Appointment][person.pk]:
            service, barber = row.service, row.barber
            categories = [alike(word) for word in many(value.get("service_category", []))]
            number += (
                row.status == status
                and self._recent(row.starts_at, value)
                and ("service" not in value or bool(service))
                and ("service" not in value or service.external_id in many(value["service"]))
                and (not categories or (bool(service) and alike(service.category) in categories))
                and ("barber" not in value or bool(barber))
                and ("barber" not in value or barber.external_id in many(value["barber"]))
            )
        return fits(number, value)

    def visit_count(self, value, person):
        return self._count("completed", value, person)

    def no_show_count(self, value, person):
        return self._count("no_show", value, person)

    def cancellation_count(self, value, person):
        return self._count("cancelled", value, person)

    def _paid(self, person, value):
        rows = self.rows[Payment][person.pk]
        found = [
            row.amount - row.refunded_amount for row in rows if self._recent(row.paid_at, value)
        ]
        return [amount for amount in found if amount]

    def total_spent(self, value, person):
        return fits(sum(self._paid(person, value)), value)

    def average_ticket(self, value, person):
        paid = self._paid(person, {})
        return bool(paid) and fits(sum(paid) / len(paid), value)

    def spending_tier(self, value, person):
        spent = sum(self._paid(person, {}))
        if not spent:
            return False
        if self.shop.spending_high_from:
            medium, high = self.shop.spending_medium_from, self.shop.spending_high_from
            return value == ("low" if spent < medium else "medium" if spent < high else "high")
        paying = [total for each in self.people if (total := sum(self._paid(each, {})))]
        below, same = sum(other < spent for other in paying), paying.count(spent)
        place = (2 * below + same) * 3
        third = 2 * len(paying)
        return value == ("low" if place < third else "medium" if place <= 2 * third else "high")

    def overdue_ratio(self, value, person):
        came = [int(at.timestamp()) for at in self._visits(person)]
        if not came:
            return False
        since, own = int(self.now.timestamp()) - came[-1], came[-1] - came[0]
        gap_times_weight, weight = 2 * 35 * 86400 + own, 2 + len(came) - 1
        return fits(since * weight, {end: value[end] * gap_times_weight for end in value})

    def random_bucket(self, value, person):
        digest = hashlib.sha256(value.get("salt", "").encode()).digest()
        prime = 2147483647
        a = int.from_bytes(digest[:8]) % (prime - 1) + 1
        b = int.from_bytes(digest[8:16]) % prime
        return (a * person.pk + b) % prime % value["of"] + 1 in many(value["is"])

    def _engaged(self, name, value, person):
        number = 0
        for row in self.rows[CustomerCommunication][person.pk]:
            campaign = self.campaign_of.get(row.dispatch_id)
            number += (
                campaign is not None
                and campaign in many(value.get("campaign", campaign))
                and row.channel in many(value.get("channel", row.channel))
                and self._recent(getattr(row, name), value)
            )
        return number >= value.get("times", 1)

    def received(self, value, person):
        return self._engaged("delivered_at", value, person)

    def opened(self, value, person):
        return self._engaged("opened_at", value, person)

    def clicked(self, value, person):
        return self._engaged("clicked_at", value, person)

    def replied(self, value, person):
        return self._engaged("replied_at", value, person)
