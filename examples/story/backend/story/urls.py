"""Addresses of the backend."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path
from people import views
from rest_framework.routers import DefaultRouter

api = DefaultRouter()
api.register("users", views.Members)
api.register("reports", views.Reports)

urlpatterns = [
    path("health", views.health),
    path("api/v1/health/", views.health),
    path("api/v1/config/frontend/", views.frontend_config),
    path("api/v1/", include(api.urls)),
    path("admin/", admin.site.urls),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),  # empty unless DEBUG: then the proxy serves the volume
]
