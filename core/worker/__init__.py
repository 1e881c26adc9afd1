"""The worker: django-q2's cluster, and a supervisor that replaces it when it no longer works.

django-q2's processes share queues whose locks lie in memory. A process that is killed while it
has such a lock takes it along, and from then on nothing is executed, or everything twice, and
nothing says so. Only a new cluster, with new queues, gets out of that.

- ``board``: what the processes note in shared memory, and ``stopping``, for tasks that stay long
- ``cluster``: django-q2's cluster, which notes what it does, and gives up when it must
- ``judgment``: whether a cluster still works, from what it has noted
- ``limits``: how long what may take
- ``processes``: process trees, as Linux shows them
- ``supervisor``: starts, watches, ends and replaces clusters
- ``timer``: how long a worker may still take for its task
"""

from core.worker.board import stopping

__all__ = ["stopping"]
