"""The API."""

import logging

import redis
from django.core.cache import cache
from django.db import DatabaseError, connection
from rest_framework import mixins, viewsets
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from people.models import Member, Report
from people.serializers import MemberSerializer, ReportSerializer
from people.tasks import count_members

TITLE = "Welcome aboard"
log = logging.getLogger(__name__)


@api_view()
def health(request: Request) -> Response:
    """Whether Postgres and Redis answer: 200, or 503."""
    found = {"database": _database(), "redis": _redis()}
    return Response(found, status=200 if set(found.values()) == {"ok"} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return "ok"


def _redis() -> str:
    try:
        cache.set("health", "ok", timeout=60)
    except redis.RedisError:
        return "away"
    return "ok"


@api_view()
def frontend_config(request: Request) -> Response:
    """What the site asks for before it shows anything: so one build of it serves every stage."""
    cache.add("visits", 0, timeout=None)
    return Response(
        {
            "title": TITLE,
            "site": request.build_absolute_uri("/"),
            "visits": cache.incr("visits"),
            "visitor": request.headers.get("X-Real-IP"),
            "via": request.headers.get("X-Forwarded-For"),
        }
    )


class Members(mixins.ListModelMixin, mixins.CreateModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Members, newest first; a picture may come along."""

    queryset = Member.objects.all()
    serializer_class = MemberSerializer

    def perform_create(self, serializer: BaseSerializer) -> None:
        """Keep a new member."""
        log.info("member %s joined", serializer.save().pk)


class Reports(mixins.CreateModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Reports: asked for with POST, done when a worker has been at it."""

    queryset = Report.objects.all()
    serializer_class = ReportSerializer

    def perform_create(self, serializer: BaseSerializer) -> None:
        """Ask a worker for the report."""
        count_members.delay(serializer.save().pk)
