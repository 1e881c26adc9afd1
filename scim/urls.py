"""The URLs of the directories, ``/scim/v2/<tenant>/…``; what follows is routed by SCIM itself."""

from django.urls import path

from scim import views

urlpatterns = [
    path("<str:slug>", views.directory, name="directory"),
    path("<str:slug>/", views.directory),
    path("<str:slug>/<path:rest>", views.directory),
]
