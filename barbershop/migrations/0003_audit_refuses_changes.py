from django.db import migrations

from barbershop.evidence_guard import GuardEvidence


class Migration(migrations.Migration):
    dependencies = [("barbershop", "0002_double_opt_in")]

    operations = [GuardEvidence("audit_entries")]
