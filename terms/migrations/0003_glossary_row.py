"""The one row about the glossary as a whole."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("terms", "0002_models")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO terms_glossary (id, name, description, licence, languages, revision)"
            " VALUES (1, 'Lexispace', '', '', '{en}', 1) ON CONFLICT DO NOTHING",
            "DELETE FROM terms_glossary",
        ),
    ]
