from django.db import migrations, models


class Migration(migrations.Migration):
    """The name that somebody typed when he signed up; schema only."""

    dependencies = [("customers", "0008_visit_summaries")]

    operations = [
        migrations.AddField(
            model_name="optinrequest",
            name="typed_name",
            field=models.CharField(blank=True, max_length=161),
        ),
    ]
