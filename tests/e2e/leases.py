"""What processes hold that were killed."""

from tests.e2e.installation import Installation


def let_leases_end(installation: Installation) -> None:
    """Have what dead workers held taken over now, and not when their time is over."""
    for sql in (
        "UPDATE webhooks_lane SET owned_until = '2020-01-01 00:00:00' WHERE owner IS NOT NULL",
        "UPDATE core_wakeup SET attended_until = NULL",
    ):
        installation.database.run(sql)
