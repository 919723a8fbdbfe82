from django.db import migrations

from barbershop.evidence_guard import GuardEvidence


class Migration(migrations.Migration):
    dependencies = [("communications", "0007_clicks_judged_together")]

    operations = [
        GuardEvidence("suppressions", emptied=("note",), replaces=True),
        GuardEvidence("suppression_lifts", emptied=("reason",), replaces=True),
    ]
