import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communications", "0004_evidence_refuses_changes")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="event",
            field=models.ForeignKey(
                blank=True,
                help_text="The report in quarantine.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="communications.providerevent",
            ),
        ),
        migrations.AddIndex(
            model_name="providerevent",
            index=models.Index(
                condition=models.Q(("folded_at", None), ("quarantined_at__isnull", False)),
                fields=["id"],
                name="provider_events_quarantined",
            ),
        ),
    ]
