import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communications", "0006_content_variations")]

    operations = [
        migrations.AddField(
            model_name="providerevent",
            name="machine_reason",
            field=models.CharField(
                blank=True,
                help_text="What gave away the machine that clicked.",
                max_length=60,
            ),
        ),
        migrations.AlterField(
            model_name="linkclick",
            name="communication",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="clicks",
                to="communications.customercommunication",
            ),
        ),
        migrations.AddIndex(
            model_name="linkclick",
            index=models.Index(
                fields=["communication", "clicked_at"], name="link_clicks_of_message"
            ),
        ),
    ]
