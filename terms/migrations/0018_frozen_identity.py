from django.db import migrations, models


class Migration(migrations.Migration):
    """Releases that are there already stay as they are: theirs is NULL."""

    dependencies = [("terms", "0017_form_drafts")]

    operations = [
        migrations.AddField(
            model_name="frozenentry",
            name="identity",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="frozenentry",
            constraint=models.UniqueConstraint(
                fields=("release", "identity"), name="frozen_identity_once"
            ),
        ),
    ]
