from typing import Any

from django.db import migrations
from django.db.models import Min, Q


def give_lanes(apps: Any, schema_editor: Any) -> None:
    """Give each subscription its lane; due is what was pending before there were lanes."""
    subscriptions = apps.get_model("webhooks", "Subscription").objects
    lane = apps.get_model("webhooks", "Lane")
    pending = Min(
        "deliveries__next_attempt_at", filter=Q(deliveries__state="pending", enabled=True)
    )
    rows = subscriptions.annotate(due_at=pending).values_list("pk", "tenant", "due_at")
    lane.objects.bulk_create(
        (
            lane(subscription_id=subscription, tenant_id=tenant, due_at=due_at)
            for subscription, tenant, due_at in rows.iterator()
        ),
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0002_lanes"),
    ]

    operations = [
        migrations.RunPython(give_lanes, migrations.RunPython.noop),
    ]
