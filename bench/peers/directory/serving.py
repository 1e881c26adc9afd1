"""How gunicorn serves it: as it serves the product, with garbage collection tuned alike."""

import gc
from typing import Any

control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Have what was loaded at the start left alone when garbage is looked for."""
    gc.collect()
    gc.freeze()
