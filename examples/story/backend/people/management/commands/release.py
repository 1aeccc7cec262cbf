"""python manage.py release: what has to be done once for each release, before it serves."""

import os
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    """Migrate the database, collect static files, and let `admin` in with the stage's password."""

    help = __doc__

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Do it; again does no harm."""
        call_command("migrate", interactive=False)
        call_command("collectstatic", interactive=False)
        admin, _ = get_user_model().objects.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
        if not admin.check_password(os.environ["ADMIN_PASSWORD"]):
            admin.set_password(os.environ["ADMIN_PASSWORD"])
            admin.save()
