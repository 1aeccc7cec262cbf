"""What is kept in Postgres."""

from django.db import models


class Member(models.Model):
    """Somebody who joined."""

    name = models.CharField(max_length=80)
    picture = models.FileField(upload_to="pictures", blank=True)
    joined = models.DateTimeField(auto_now_add=True)

    class Meta:  # noqa: D106  # Django's own
        ordering = ["-joined", "-pk"]

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """A count of the members, made by Celery: empty until a worker has made it."""

    members = models.PositiveIntegerField(null=True, editable=False)
    asked = models.DateTimeField(auto_now_add=True)
    done = models.DateTimeField(null=True, editable=False)

    class Meta:  # noqa: D106  # Django's own
        ordering = ["-asked", "-pk"]

    def __str__(self) -> str:
        return f"report {self.pk}"
