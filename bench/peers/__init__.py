"""How others deliver webhooks with Django, as people write it; runs in bench/.venv alone."""
