"""The project's own users and groups, on the package's mixins."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    """A group; the package reads its members as ``user_set``."""

    name = models.CharField(max_length=150, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractSCIMUserMixin, AbstractUser):
    """A user, with Django's own user names, which are unique."""

    scim_groups = models.ManyToManyField(Group, related_name="user_set")

    def __str__(self) -> str:
        return self.username
