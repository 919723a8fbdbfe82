"""This floor's own tables, and those of the packages it installs."""

from django.db.models import Q

from barbershop import personal_data
from barbershop.models import (
    ApiToken,
    AuditChain,
    AuditDetail,
    AuditEntry,
    Barber,
    Barbershop,
    ClosedDay,
    IdempotencyKey,
    Membership,
    Opening,
    Organization,
    Service,
    User,
)
from barbershop.personal_data.person import Person, quoting

FORGOTTEN = (
    '{"error":{"code":"erased","message":"The answer was erased with the person it was about.",'
    '"fields":{}}}'
)


def register() -> None:
    _tenants()
    _audit()
    _answers()


def _tenants() -> None:
    declare = personal_data.declare
    declare(Organization, key="id", shop="name slug", machine="created_at updated_at")
    declare(
        Barbershop,
        key="id organization suspended_by",
        shop="name slug timezone currency country language postal_address phone booking_url "
        "logo_url terms_url privacy_url brand_color sms_window_start sms_window_end cap_messages "
        "cap_sms website_url instagram_url facebook_url review_url spending_medium_from "
        "spending_high_from cap_period_days sends_on_closed_days sms_double_opt_in "
        "email_double_opt_in "
        "attribution_click_days attribution_delivery_days sends_above_need_approval "
        "suspended_reason",
        machine="created_at updated_at suspended_at",
    )
    declare(ClosedDay, key="id shop", shop="on weekday reason")
    declare(
        Barber,
        key="id shop",
        staff="external_id first_name last_name is_active",
        machine="created_at updated_at",
    )
    declare(
        Service,
        key="id shop",
        shop="external_id name category price duration_minutes is_active",
        machine="created_at updated_at",
    )
    declare(
        Opening,
        key="id shop barber service",
        shop="external_id starts_at duration_minutes",
        machine="created_at updated_at",
    )
    declare(
        User,
        key="id",
        staff="email first_name last_name password is_superuser is_staff is_active",
        machine="last_login date_joined",
    )
    declare(User.groups.through, key="id user group")
    declare(User.user_permissions.through, key="id user permission")
    declare(Membership, key="id user organization shop", staff="role phone", machine="created_at")
    declare(
        ApiToken,
        key="id shop created_by",
        shop="name prefix scopes",
        digest="digest",
        machine="created_at expires_at last_used_at revoked_at",
    )


def _audit() -> None:
    personal_data.declare(AuditChain, key="id shop", machine="seq", digest="head_hash")
    personal_data.declare(
        AuditEntry,
        key="id shop token object_type object_id",
        staff="actor",
        evidence="seq at action",
        digest="previous_hash hash",
    )
    personal_data.declare(
        AuditDetail,
        title="What staff did with these data",
        is_trace=True,
        rows=_audit_details,
        emptied={"before": None, "after": None},
        shown={"action": "entry__action", "at": "entry__at"},
        key="id shop entry request_id",
        staff="ip user_agent",
    )


def _audit_details(person: Person):
    details = AuditDetail.objects.filter(shop=person.shop_id)
    # The erasure's own entry names nobody, and says why it was done.
    details = details.exclude(entry__action="customer.erase")
    him = Q(entry__object_id=str(person.customer_id))
    one = Q(entry__object_type=person.object_type)
    quoted = quoting(details, "before", "after", person=person)
    # Two people may share a name or an address: the other one's entries stay.
    quoted = quoted.exclude(one & ~him)
    return details.filter(one & him | Q(pk__in=quoted.order_by().values("pk")))


def _answers() -> None:
    personal_data.declare(
        IdempotencyKey,
        title="Answers kept for a week for repeated requests",
        is_trace=True,
        rows=_kept_answers,
        # The key stays taken: repeated, its request would bring him back.
        emptied={"response_body": FORGOTTEN, "status_code": 410},
        key="id shop key",
        machine="method body_digest answered_at",
        fact="path created_at",
    )


def _kept_answers(person: Person):
    answers = IdempotencyKey.objects.filter(shop=person.shop_id, answered_at__isnull=False)
    pk = person.customer_id
    # An answer about one customer begins with his id; one about his visit names it.
    him = Q(path__startswith="/api/customers", response_body__startswith=f'{{"id":{pk},')
    him |= Q(response_body__contains=f'"customer":{pk},')
    quoted = quoting(answers, "response_body", person=person)
    return answers.filter(him | Q(pk__in=quoted.order_by().values("pk"))).exclude(status_code=410)
