"""The groups of terms/roles.py, and a beginning for the history of topics and sources."""

from typing import Any

from django.conf import settings
from django.db import migrations

from terms.roles import ROLES

TITLES = {
    "propose_term": "Can propose terms and changes of terms",
    "publish_term": "Can publish where one is responsible",
    "manage_apitoken": "Can see and revoke the API tokens of others",
}
# Known from the moment when their senses were: nothing older is recorded of them.
BEGIN = """
INSERT INTO terms_sense{one}event (pgh_created_at, pgh_label, id, sense_id, {one}_id, pgh_obj_id)
SELECT coalesce((SELECT min(pgh_created_at) FROM terms_senseevent event
    WHERE event.pgh_obj_id = place.sense_id), now()), 'insert', id, sense_id, {one}_id, id
FROM terms_sense_{one}s place
"""


def make_groups(apps: Any, schema_editor: Any) -> None:
    """Permissions are usually made after all migrations; those that are here then are kept."""
    Group, Permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    ContentType = apps.get_model("contenttypes", "ContentType")
    for role, names in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        for name in sorted(names):
            app, codename = name.split(".")
            action, model = codename.rsplit("_", 1)
            kind, _ = ContentType.objects.get_or_create(app_label=app, model=model)
            title = TITLES.get(codename, f"Can {action} {model}")
            permission, _ = Permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": title}
            )
            group.permissions.add(permission)


def remove_groups(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("terms", "0009_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        *(
            migrations.RunSQL(BEGIN.format(one=one), migrations.RunSQL.noop)
            for one in ("topic", "source")
        ),
        migrations.RunPython(make_groups, remove_groups),
    ]
