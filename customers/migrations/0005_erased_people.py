from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_recent_sign_ups")]

    operations = [
        migrations.AddField(
            model_name="customerimport",
            name="kept_out",
            field=models.PositiveIntegerField(
                default=0, help_text="Rows about people who asked to be erased before."
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(
                    external_id="",
                    first_name="",
                    last_name="",
                    email="",
                    phone="",
                    zip="",
                    birth_month=None,
                ),
                name="customer_erased_keeps_nothing_personal",
            ),
        ),
    ]
