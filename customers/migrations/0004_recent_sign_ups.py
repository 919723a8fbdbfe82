from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_consent_refuses_changes")]

    operations = [
        migrations.AddIndex(
            model_name="optinrequest",
            index=models.Index(fields=["asked_at"], name="opt_in_requests_recent"),
        ),
    ]
