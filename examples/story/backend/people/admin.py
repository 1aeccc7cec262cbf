"""What /admin shows."""

from django.contrib import admin

from people.models import Member, Report

admin.site.register([Member, Report])
