"""Members and reports."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Both tables."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("picture", models.FileField(blank=True, upload_to="pictures")),
                ("joined", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-joined", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("members", models.PositiveIntegerField(editable=False, null=True)),
                ("asked", models.DateTimeField(auto_now_add=True)),
                ("done", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-asked", "-pk"],
            },
        ),
    ]
