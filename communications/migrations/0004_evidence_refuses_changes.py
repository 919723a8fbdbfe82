from django.db import migrations

from barbershop.evidence_guard import GuardEvidence


class Migration(migrations.Migration):
    dependencies = [
        ("communications", "0003_inbound_and_exclusions"),
        ("barbershop", "0003_audit_refuses_changes"),
    ]

    operations = [
        GuardEvidence("suppressions"),
        GuardEvidence("suppression_lifts"),
        GuardEvidence("attempt_departures"),
    ]
