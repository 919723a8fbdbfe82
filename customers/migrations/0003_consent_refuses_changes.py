from django.db import migrations

from barbershop.evidence_guard import GuardEvidence


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_opt_in_requests"),
        ("barbershop", "0003_audit_refuses_changes"),
    ]

    operations = [GuardEvidence("contact_consents")]
