from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("terms", "0021_proposal_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="history",
            field=models.UUIDField(null=True, editable=False),
        ),
    ]
