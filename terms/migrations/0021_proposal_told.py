from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("terms", "0020_topic_coverage"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="told_at",
            field=models.DateTimeField("told", null=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["decided_at"],
                condition=models.Q(("told_at", None)),
                name="proposal_untold",
            ),
        ),
    ]
