"""How gunicorn serves Patchbay; it reads this file by itself, from the folder it is started in."""

import gc
import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured

try:
    from config.settings import LOGGING
except ImproperlyConfigured as error:
    sys.exit(f"Patchbay cannot start: {error}")

# Its own lines look like all others.
logconfig_dict = LOGGING
# As long as it goes: a filter of records may be long.
limit_request_line = 8190
# Nobody commands it but its signals.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Have what was loaded at the start left alone when garbage is looked for: none of it ever is."""
    gc.collect()
    gc.freeze()
