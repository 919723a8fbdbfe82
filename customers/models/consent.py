"""Permission to write to somebody, with its evidence.

The chain holds ids, hashes and times; number, wording, IP and agent stand in a detail row that an
erasure empties without breaking the chain.
"""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from barbershop.models import AppendOnly, AppendOnlyQuerySet, ShopOwned, one_of
from customers.channels import Channel, Topic


class ConsentChain(models.Model):
    """The head of one customer's chain: locked last in the transaction that appends."""

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")
    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.PROTECT, related_name="consent_chain"
    )
    seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "consent_chains"

    def __str__(self) -> str:
        return f"consent of {self.customer_id} at {self.seq}"


class ContactConsentQuerySet(AppendOnlyQuerySet):
    def latest(self):
        """Of each customer, channel and topic only the entry that was said last."""
        later = ContactConsent.objects.filter(
            Q(given_at__gt=OuterRef("given_at"))
            | Q(given_at=OuterRef("given_at"), seq__gt=OuterRef("seq")),
            customer=OuterRef("customer"),
            channel=OuterRef("channel"),
            topic=OuterRef("topic"),
        )
        return self.filter(~Exists(later))


class ConsentDecision(models.TextChoices):
    OPTED_IN = "opted_in", "Opted in"
    UNPROVEN = "unproven", "Claimed without proof"
    OPTED_OUT = "opted_out", "Opted out"


class ContactConsent(AppendOnly):
    """One statement by or about one customer: opted in, opted out, or claimed without proof."""

    Decision = ConsentDecision

    # What was said last counts, not what was written down last: an old paper form that is typed in
    # today does not undo yesterday's opt-out. Of two things said at once, the later entry.
    LATEST_FIRST = ("-given_at", "-seq")

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="consents"
    )
    seq = models.PositiveIntegerField()
    channel = models.CharField(max_length=5, choices=Channel.choices)
    topic = models.CharField(max_length=20, choices=Topic.choices, default=Topic.MARKETING)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    source = models.CharField(max_length=60, help_text="Page, form, import or keyword.")
    disclosure_version = models.CharField(max_length=40, blank=True)
    address_hmac = models.CharField(max_length=32, blank=True)
    given_at = models.DateTimeField(help_text="When the person said so.")
    recorded_at = models.DateTimeField(default=timezone.now)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = ContactConsentQuerySet.as_manager()

    class Meta:
        db_table = "contact_consents"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "seq"], name="contact_consent_once_per_position"
            ),
            one_of("decision", ConsentDecision, name="contact_consent_decision_is_known"),
            one_of("channel", Channel, name="contact_consent_channel_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "channel", "topic", "-given_at", "-seq"],
                name="contact_consents_latest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.decision}"


class OptInRequest(ShopOwned):
    """A sign-up. Where it has to be confirmed, by a reply of YES or a link, it waits until then.

    It counts for the address it was asked for and no other; the disclosure that was shown is kept.
    One that needed no confirmation was confirmed when it was asked.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="opt_in_requests"
    )
    channel = models.CharField(max_length=5, choices=Channel.choices)
    topic = models.CharField(max_length=20, choices=Topic.choices, default=Topic.MARKETING)
    address_hmac = models.CharField(max_length=32)
    # A number that is shared is the record of one who has it; another may have signed up.
    typed_name = models.CharField(max_length=161, blank=True)
    source = models.CharField(max_length=60)
    disclosure_version = models.CharField(max_length=40)
    disclosure_text = models.TextField(blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "opt_in_requests"
        ordering = ["-pk"]
        constraints = [one_of("channel", Channel, name="opt_in_request_channel_is_known")]
        indexes = [
            models.Index(
                fields=["address_hmac"],
                condition=Q(confirmed_at=None),
                name="opt_in_requests_open",
            ),
            models.Index(fields=["asked_at"], name="opt_in_requests_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} asked {self.asked_at:%Y-%m-%d}"


class ContactConsentDetail(ShopOwned):
    """The personal part of the evidence."""

    consent = models.OneToOneField(ContactConsent, on_delete=models.PROTECT, related_name="detail")
    address = models.CharField(max_length=254, blank=True)
    disclosure_text = models.TextField(blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        "barbershop.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "contact_consent_details"

    def __str__(self) -> str:
        return f"detail of {self.consent_id}"
