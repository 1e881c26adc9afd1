"""Encrypt every stored secret with the first key of ENCRYPTION_KEYS."""

from typing import Any

from core import audit, services
from core.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Encrypt every stored secret with the first key of ENCRYPTION_KEYS. Safe to run twice and"
        " while the installation works. Once it succeeds, the old keys can be taken out."
    )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        def progress(line: str) -> None:
            self.stderr.write(line)

        rotations = services.rotate_encryption_key(progress)
        rotated = sum(each.rotated for each in rotations)
        audit.record(
            "encryption_key.rotated",
            tenant=None,
            actor=self.actor(),
            details={"rows": rotated, "columns": len(rotations)},
        )
        return {
            "columns": len(rotations),
            "encrypted_anew": rotated,
            "under_the_first_key": sum(each.current for each in rotations),
        }
