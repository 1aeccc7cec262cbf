"""How the API shows what is kept."""

from rest_framework import serializers

from people.models import Member, Report


class MemberSerializer(serializers.ModelSerializer):
    """A member."""

    class Meta:  # noqa: D106  # REST framework's own
        model = Member
        fields = ["id", "name", "picture", "joined"]


class ReportSerializer(serializers.ModelSerializer):
    """A report."""

    class Meta:  # noqa: D106  # REST framework's own
        model = Report
        fields = ["id", "members", "asked", "done"]
        read_only_fields = fields
