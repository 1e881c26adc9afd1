"""How the passwords of people are kept."""

from django.conf import LazySettings
from django.contrib.auth.hashers import make_password

import config.settings as product


def test_passwords_are_hashed_slowly_enough_to_be_hard_to_guess(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS

    algorithm, iterations, _, _ = make_password("correct horse battery").split("$")

    # OWASP asks for 600,000 iterations of PBKDF2 with SHA-256.
    assert algorithm == "pbkdf2_sha256"
    assert int(iterations) >= 600_000
