"""Who did what. The chain holds ids and hashes; what is personal stands apart and can be erased."""

from django.db import models

from barbershop.models.append_only import AppendOnly
from barbershop.models.owned import ShopOwned


class AuditChain(models.Model):
    """The head of one shop's chain: locked last in the transaction that appends."""

    shop = models.OneToOneField(
        "barbershop.Barbershop", on_delete=models.PROTECT, related_name="audit_chain"
    )
    seq = models.PositiveBigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_chains"

    def __str__(self) -> str:
        return f"{self.shop} at {self.seq}"


class AuditEntry(AppendOnly):
    """One action by one actor. Append-only, hash-chained per shop."""

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        "barbershop.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    token = models.ForeignKey(
        "barbershop.ApiToken", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entries"
        ordering = ["-pk"]
        verbose_name_plural = "audit entries"
        constraints = [
            models.UniqueConstraint(fields=["shop", "seq"], name="audit_entry_once_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AuditDetail(ShopOwned):
    """What an erasure empties: addresses, agents, values before and after."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="detail")
    request_id = models.CharField(max_length=64, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "audit_details"

    def __str__(self) -> str:
        return f"detail of {self.entry_id}"
