from django.conf import settings
from django.db import models

from barbershop.models import ShopOwned


class CustomerImport(ShopOwned):
    """One CSV file and what became of its rows."""

    filename = models.CharField(max_length=255)
    encoding = models.CharField(max_length=20, blank=True)
    is_dry_run = models.BooleanField(default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    kept_out = models.PositiveIntegerField(
        default=0, help_text="Rows about people who asked to be erased before."
    )

    class Meta:
        db_table = "customer_imports"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.filename} ({self.rows} rows)"


class CustomerImportError(ShopOwned):
    """A row that was refused: its line in the file, the column and why."""

    customer_import = models.ForeignKey(
        CustomerImport, on_delete=models.CASCADE, related_name="errors"
    )
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=300)

    class Meta:
        db_table = "customer_import_errors"
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"
