"""What a release of pretalx does once, before its first replica starts: migrate, and make the first administrator where there is none."""

import django
from django.core.management import call_command

django.setup()

from pretalx.person.models import User  # noqa: E402  # wants Django set up

call_command("migrate", interactive=False)
if not User.objects.filter(is_administrator=True).exists():
    call_command("init", interactive=False)
