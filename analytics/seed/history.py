"""Campaigns that are over: their runs, their messages and what people did with them.

What somebody does with a message is drawn with an eye on his appointments: who booked soon after
has more often opened and clicked. So every booking that gets credited is one that exists, and the
credits themselves are given by ``campaigns.attribution``, as they would be any day.
"""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass

from analytics.seed.messages import write_messages
from analytics.seed.people import BULK, Person
from analytics.seed.shops import Staffed
from campaigns.models import (
    MANUAL,
    CampaignDefinition,
    CampaignExecution,
    CampaignResponse,
    CampaignVariant,
)
from communications import outbox
from communications.models import Dispatch
from customers.models import Appointment


@dataclass(frozen=True)
class Story:
    """A campaign of the past. ``last_visit`` in days, before it was sent."""

    name: str
    channel: str
    category: str
    goal: str
    content: dict
    days_ago: int
    hour: int  # of the shop's day
    last_visit: tuple[int, int]

    @property
    def criteria(self) -> dict:
        low, high = self.last_visit
        return {"last_visit_days": {"min": low, "max": high}}


FRESH_CUT = Story(
    name="Fresh cut week",
    channel="email",
    category="promotional",
    goal="increase_bookings",
    content={
        "subject": "{{customer_first_name}}, your chair is free this week",
        "message": (
            "Hi {{customer_first_name}},\n\nmornings are quiet at {{shop_name}} this week. Take a "
            "seat without waiting: {{booking_link}}\n\nSee you soon"
        ),
        "personalization": True,
    },
    days_ago=47,
    hour=10,
    last_visit=(25, 150),
)
SAVED_CHAIR = Story(
    name="We saved your chair",
    channel="sms",
    category="win_back",
    goal="win_back",
    content={
        "message": (
            "Hi {{customer_first_name}}, it has been a while. We saved you a chair at "
            "{{shop_name}}: {{booking_link}} Reply STOP to opt out"
        ),
        "personalization": True,
    },
    days_ago=24,
    hour=13,
    last_visit=(35, 240),
)


class Diary:
    """Who came and who booked when, for questions about one moment."""

    def __init__(self, appointments: list[Appointment]):
        self._by_customer = defaultdict(list)
        for row in sorted(appointments, key=lambda row: row.booked_at):
            self._by_customer[row.customer_id].append(row)

    def days_since_visit(self, person: Person, at: dt.datetime) -> int | None:
        completed = (
            row.starts_at
            for row in self._by_customer[person.customer.pk]
            if row.status == Appointment.Status.COMPLETED and row.starts_at <= at
        )
        last = max(completed, default=None)
        return None if last is None else (at - last).days

    def booked_within(self, person: Person, at: dt.datetime, days: int) -> dt.datetime | None:
        """When he first booked after ``at``, within so many days, and did not call it off."""
        until = at + dt.timedelta(days=days)
        for row in self._by_customer[person.customer.pk]:
            kept = row.status in (Appointment.Status.BOOKED, Appointment.Status.COMPLETED)
            if kept and at < row.booked_at <= until:
                return row.booked_at
        return None


def tell(
    story: Story,
    *,
    staffed: Staffed,
    people: list[Person],
    diary: Diary,
    refusals: dict[int, str],
    rng: random.Random,
    now: dt.datetime,
    by=None,
) -> CampaignExecution:
    """Write the campaign as if it had been run by hand ``story.days_ago`` days ago.

    Args:
        refusals: why a customer could not be written to, by his id.
    """
    shop, at = staffed.shop, moment_of(story, staffed, now)
    low, high = story.last_visit
    audience = [
        person
        for person in people
        if (days := diary.days_since_visit(person, at)) is not None and low <= days <= high
    ]
    execution = _run(story, shop, at=at, by=by)
    ended = write_messages(
        execution,
        channel=story.channel,
        audience=audience,
        diary=diary,
        refusals=refusals,
        rng=rng,
        at=at,
    )
    variant = execution.definition.variants.get()
    CampaignResponse.objects.bulk_create(
        [
            CampaignResponse(
                shop=shop, execution=execution, customer=person.customer, variant=variant
            )
            for person in audience
        ],
        batch_size=BULK,
    )
    _date_back(execution, at=at, ended=ended)
    return execution


def moment_of(story: Story, staffed: Staffed, now: dt.datetime) -> dt.datetime:
    """The hour of the story on a weekday, about so many days ago."""
    zone = staffed.shop.zone
    day = now.astimezone(zone).date() - dt.timedelta(days=story.days_ago)
    while day.weekday() not in (1, 2, 3):
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(story.hour), zone).astimezone(dt.UTC)


def _run(story: Story, shop, *, at, by) -> CampaignExecution:
    definition = CampaignDefinition.objects.create(
        shop=shop,
        name=story.name,
        campaign_type=story.channel,
        category=story.category,
        primary_goal=story.goal,
        target_criteria=story.criteria,
        status=CampaignDefinition.Status.ACTIVE,
        created_by=by,
    )
    CampaignVariant.objects.create(
        shop=shop, definition=definition, channels={story.channel: story.content}
    )
    dispatch = outbox.open_dispatch(shop=shop, kind=Dispatch.Kind.MARKETING, by=by, starts_at=at)
    outbox.add_content(
        dispatch=dispatch,
        channel=story.channel,
        subject=story.content.get("subject", ""),
        text=story.content["message"],
        variant_label="A",
    )
    return CampaignExecution.objects.create(
        shop=shop,
        definition=definition,
        dispatch=dispatch,
        occurrence_key=MANUAL,
        started_by=by,
        started_at=at,
        audience_complete_at=at,
    )


def _date_back(execution: CampaignExecution, *, at, ended) -> None:
    """Rows that stamp themselves with today get the day of the story."""
    Dispatch.objects.filter(pk=execution.dispatch_id).update(
        state=Dispatch.State.DONE, created_at=at, prepared_at=at, finished_at=ended
    )
    execution.dispatch.contents.update(created_at=at)
    CampaignResponse.objects.filter(execution=execution).update(assigned_at=at)
    earlier = at - dt.timedelta(days=2)
    CampaignDefinition.objects.filter(pk=execution.definition_id).update(
        created_at=earlier, updated_at=at
    )
