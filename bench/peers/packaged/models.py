"""What changes; the package sends a webhook whenever one is saved."""

from django.db import models


class Order(models.Model):
    """An order."""

    data = models.JSONField()

    def __str__(self) -> str:
        return f"order {self.id}"
