"""Serializers of the core API, and the base of every serializer."""

from core.api.serializers.objects import ObjectField
from core.api.serializers.problems import ProblemSerializer
from core.api.serializers.strict import StrictMixin, StrictModelSerializer, StrictSerializer

__all__ = [
    "ObjectField",
    "ProblemSerializer",
    "StrictMixin",
    "StrictModelSerializer",
    "StrictSerializer",
]
