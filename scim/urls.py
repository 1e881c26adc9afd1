"""The URLs of the directories, ``/scim/v2/<tenant>/…``; what follows is routed by SCIM itself."""

from django.urls import path

from scim import views

urlpatterns = [
    path("<str:slug>", views.serve, name="directory"),
    path("<str:slug>/", views.serve),
    path("<str:slug>/<path:rest>", views.serve),
]
