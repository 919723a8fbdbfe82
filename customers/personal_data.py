"""What this floor holds about a person."""

from barbershop import personal_data
from barbershop.personal_data import GONE, Person, quoting
from customers import quoted_sign_ups
from customers.models import (
    Appointment,
    ConsentChain,
    ContactConsent,
    ContactConsentDetail,
    Customer,
    CustomerHealthScore,
    CustomerImport,
    CustomerImportError,
    CustomerSegment,
    CustomerTag,
    OptInRequest,
    Payment,
    SegmentMembership,
    SegmentSize,
    Tag,
    VisitSummary,
)


def register() -> None:
    _customer()
    _visits()
    _consent()
    _imports()


def of(model):
    """The rows of a model with a ``customer``."""
    return lambda person: model.objects.filter(shop=person.shop_id, customer=person.customer_id)


def _customer() -> None:
    declare = personal_data.declare
    declare(
        Customer,
        title="Customer",
        rows=lambda person: Customer.objects.filter(pk=person.customer_id),
        emptied={
            **dict.fromkeys(("external_id", "first_name", "last_name", "email", "phone"), ""),
            **dict.fromkeys(("email_hmac", "phone_hmac", "timezone", "zip", "language"), ""),
            **dict.fromkeys(("birth_month", "birth_day", "birth_year", "preferred_barber"), None),
        },
        shown={"preferred_barber_name": "preferred_barber__first_name"},
        key="id shop",
        fact="source joined_at created_at erased_at",
        machine="updated_at",
    )
    declare(
        CustomerTag,
        title="Tags",
        rows=of(CustomerTag),
        is_deleted=True,
        shown={"tag": "tag__name"},
        key="id shop customer tag",
    )
    declare(Tag, key="id shop", shop="name")
    declare(
        CustomerHealthScore,
        title="Health score",
        rows=of(CustomerHealthScore),
        is_deleted=True,
        key="id shop customer",
        fact="score stage recency_days visit_count spent cadence_days computed_at",
    )
    declare(
        CustomerSegment,
        key="id shop created_by",
        shop="name description criteria ready_key",
        machine="created_at updated_at criteria_changed_at watched_at",
    )
    declare(SegmentSize, key="id shop segment", shop="size", machine="counted_at")
    declare(
        SegmentMembership,
        title="Segments",
        rows=of(SegmentMembership),
        is_deleted=True,
        shown={"segment": "segment__name"},
        key="id shop segment customer",
        fact="entered_at why_entered left_at why_left",
    )


def _visits() -> None:
    """Numbers of the till stay, for the shop's books; the ids that lead back to a person go."""
    personal_data.declare(
        Appointment,
        title="Visits and bookings",
        rows=of(Appointment),
        emptied={"external_id": ""},
        stays="times and prices",
        shown={"barber": "barber__first_name", "service": "service__name"},
        key="id shop customer barber service",
        fact="status booked_at starts_at price source",
        machine="created_at updated_at",
    )
    personal_data.declare(
        Payment,
        title="Payments",
        rows=of(Payment),
        emptied={"external_id": ""},
        stays="times and amounts",
        key="id shop customer appointment",
        fact="amount refunded_amount paid_at",
        machine="created_at updated_at",
    )

    personal_data.declare(
        VisitSummary,
        title="Visits and payments in sum",
        rows=of(VisitSummary),
        stays="numbers and times",
        key="shop customer",
        fact="visit_count first_visit_at last_visit_at spent payment_count last_paid_at",
    )


def _consent() -> None:
    personal_data.declare(ConsentChain, key="id shop customer", machine="seq", digest="head_hash")
    personal_data.declare(
        ContactConsent,
        title="Consent",
        rows=of(ContactConsent),
        key="id shop customer",
        evidence="seq channel topic decision source disclosure_version given_at recorded_at",
        digest="address_hmac previous_hash hash",
    )
    personal_data.declare(
        ContactConsentDetail,
        title="Proof of consent",
        rows=lambda person: ContactConsentDetail.objects.filter(
            shop=person.shop_id, consent__customer=person.customer_id
        ),
        emptied={"address": "", "disclosure_text": "", "ip": None, "user_agent": "", "note": ""},
        addresses=("consent__channel", "address", "consent__address_hmac"),
        shown={"consent": "consent_id"},
        key="id shop consent",
        staff="recorded_by",
        add=quoted_sign_ups.leave_out_notes,
    )
    personal_data.declare(
        OptInRequest,
        title="Sign-ups",
        rows=of(OptInRequest),
        emptied={"typed_name": "", "disclosure_text": "", "ip": None, "user_agent": ""},
        key="id shop uuid customer",
        evidence="channel topic source disclosure_version asked_at expires_at confirmed_at",
        digest="address_hmac",
        add=quoted_sign_ups.leave_out_names,
    )


def _imports() -> None:
    personal_data.declare(
        CustomerImport,
        key="id shop started_by",
        shop="filename encoding",
        machine="is_dry_run started_at finished_at rows created updated unchanged rejected "
        "kept_out",
    )
    personal_data.declare(
        CustomerImportError,
        title="Rows of imported files that were refused",
        is_trace=True,
        rows=_refused_rows,
        emptied={"message": GONE},
        shown={"file": "customer_import__filename"},
        key="id shop customer_import",
        fact="line column",
    )


def _refused_rows(person: Person):
    """A refused row belongs to nobody; his are those that quote him."""
    return quoting(
        CustomerImportError.objects.filter(shop=person.shop_id), "message", person=person
    )
