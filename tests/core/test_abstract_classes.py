"""What every form and command must bring is asked of it before it is used."""

import pytest

from core.admin.forms import ServiceForm
from core.management.operator import OperatorCommand
from core.models import EventType


class FormWithoutService(ServiceForm):
    class Meta:
        model = EventType
        fields = ["name"]


class CommandWithoutDeed(OperatorCommand):
    help = "Does nothing."


@pytest.mark.parametrize(
    ("kind", "method"), [(FormWithoutService, "apply"), (CommandWithoutDeed, "perform")]
)
def test_class_that_leaves_out_its_work_cannot_be_used(kind: type[object], method: str) -> None:
    with pytest.raises(TypeError) as refusal:
        kind()

    assert f"abstract method {method}" in str(refusal.value).replace("'", "")
