"""Events, whom they are owed to, and each try."""

from django.db import models


class Endpoint(models.Model):
    """A receiver."""

    url = models.URLField()
    secret = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.url


class Event(models.Model):
    """Something that happened."""

    type = models.CharField(max_length=100)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.type


class Delivery(models.Model):
    """One event owed to one receiver."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, default="pending", db_index=True)
    delivered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"


class Attempt(models.Model):
    """One try to send a delivery."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status_code}"
