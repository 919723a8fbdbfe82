"""What this floor holds about a person: what he was offered, and what came of it."""

import datetime as dt

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from barbershop import personal_data
from barbershop.personal_data import Person
from campaigns.models import (
    Automation,
    AutomationEnrollment,
    AutomationStep,
    CampaignDefinition,
    CampaignExecution,
    CampaignResponse,
    CampaignSegment,
    CampaignTemplate,
    CampaignTemplateVersion,
    CampaignVariant,
    Offer,
    OfferCode,
    Referral,
)

ERASED = "erased"


def register() -> None:
    personal_data.before_erasure(leave_automations)
    _people()
    _plans()
    _rules()


def leave_automations(person: Person, *, by, now: dt.datetime) -> None:
    """A step of the erasure: no automation has another message for him."""
    AutomationEnrollment.objects.filter(
        shop=person.shop_id, customer=person.customer_id, exited_at=None
    ).update(exited_at=now, exit_reason=ERASED, next_at=None)


def _of(model):
    return lambda person: model.objects.filter(shop=person.shop_id, customer=person.customer_id)


def _people() -> None:
    personal_data.declare(
        CampaignResponse,
        title="Campaigns and what came of them",
        rows=_of(CampaignResponse),
        shown={"campaign": "execution__definition__name", "arm": "variant__label"},
        key="id shop execution customer variant communication appointment",
        fact="is_holdout assigned_at converted_at confirmed_at revenue credited_at",
    )
    personal_data.declare(
        AutomationEnrollment,
        title="Automations",
        rows=_of(AutomationEnrollment),
        shown={"automation": "automation__name"},
        key="id shop automation customer",
        machine="next_step next_at",
        fact="occurrence_key is_holdout entered_at exited_at exit_reason",
    )
    personal_data.declare(
        OfferCode,
        title="Codes",
        rows=_of(OfferCode),
        # It was his alone. Another one takes its place: a code exists once in a shop.
        emptied={"code": Concat(Value(f"{ERASED}-"), Cast("pk", CharField()))},
        shown={"offer": "offer__name"},
        key="id shop offer customer execution appointment referral",
        fact="issued_at expires_at redeemed_at discount",
    )
    personal_data.declare(
        Referral,
        title="Friends brought and bringing",
        rows=lambda person: Referral.objects.filter(
            Q(referrer=person.customer_id) | Q(friend=person.customer_id), shop=person.shop_id
        ),
        key="id shop referrer friend offer",
        fact="created_at first_visit_at rewarded_at",
    )


def _plans() -> None:
    declare = personal_data.declare
    declare(
        CampaignTemplate,
        key="id shop key",
        shop="name category description",
        machine="created_at updated_at archived_at",
    )
    declare(
        CampaignTemplateVersion,
        key="id shop template created_by",
        shop="number channels variations target_criteria primary_goal discount_percent "
        "valid_days note restored_from",
        machine="created_at",
    )
    declare(
        CampaignDefinition,
        key="id shop offer created_by",
        shop="name campaign_type category trigger channel_policy target_criteria primary_goal "
        "holdout_percent excludes_booked excludes_visited_days budget_micros scheduled_for",
        machine="status created_at updated_at",
    )
    declare(CampaignSegment, key="id shop definition segment", shop="mode")
    declare(
        CampaignVariant,
        key="id shop definition",
        shop="label weight channels variations chosen_at",
    )
    declare(
        CampaignExecution,
        key="id shop definition dispatch started_by",
        machine="occurrence_key started_at audience_complete_at testing_until decided_at failure",
    )
    declare(
        Offer,
        key="id shop service",
        shop="name kind value valid_days code_prefix",
        machine="created_at updated_at",
    )


def _rules() -> None:
    personal_data.declare(
        Automation,
        key="id shop",
        shop="kind name active_from trigger_days discount_percent valid_days holdout_percent",
        machine="created_at updated_at",
    )
    personal_data.declare(
        AutomationStep,
        key="id shop automation definition",
        shop="position delay_days",
        machine="retired_at",
    )
