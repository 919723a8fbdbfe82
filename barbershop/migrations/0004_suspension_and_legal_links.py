import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import barbershop.models.shop


class Migration(migrations.Migration):
    dependencies = [("barbershop", "0003_audit_refuses_changes")]

    operations = [
        migrations.AddField(
            "barbershop",
            "terms_url",
            models.URLField(
                blank=True,
                help_text="The shop's terms of its messages, beside the words people agree to: "
                "carriers look for the link.",
                validators=[barbershop.models.shop.validate_https],
            ),
        ),
        migrations.AddField(
            "barbershop",
            "privacy_url",
            models.URLField(
                blank=True,
                help_text="The shop's privacy policy, in the same place and for the same reason.",
                validators=[barbershop.models.shop.validate_https],
            ),
        ),
        migrations.AddField(
            "barbershop",
            "suspended_at",
            models.DateTimeField(
                blank=True, editable=False, help_text="Since then nothing is sent.", null=True
            ),
        ),
        migrations.AddField(
            "barbershop",
            "suspended_reason",
            models.CharField(blank=True, editable=False, max_length=200),
        ),
        migrations.AddField(
            "barbershop",
            "suspended_by",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "barbershop",
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_reason="")
                | Q(Q(suspended_at__isnull=False), ~Q(suspended_reason="")),
                name="barbershop_suspension_has_both_time_and_reason",
            ),
        ),
        migrations.AddConstraint(
            "barbershop",
            models.CheckConstraint(
                condition=Q(terms_url="") | Q(terms_url__startswith="https://"),
                name="barbershop_terms_are_behind_https",
            ),
        ),
        migrations.AddConstraint(
            "barbershop",
            models.CheckConstraint(
                condition=Q(privacy_url="") | Q(privacy_url__startswith="https://"),
                name="barbershop_privacy_policy_is_behind_https",
            ),
        ),
    ]
