"""The protocol of SCIM, with the scopes of the credentials of this product."""

import logging
from typing import Any

from scim2_models import ForbiddenException, NotFoundException, ResourceType, SCIMException
from scim2_server.requests import ScimRequest
from scim2_server.routing import Operation, Target
from scim2_server.service import ScimService

from scim.folding import fold
from scim.repeating import gave_way
from scim.schemas.service import USER
from scim.storage import rows
from scim.tolerating import matched

READ, WRITE = "scim:read", "scim:write"
READING = (Operation.query, Operation.search, Operation.search_with_body)

logger = logging.getLogger(__name__)


class DirectoryService(ScimService):
    """The protocol, with the scopes of the credentials of this product."""

    @staticmethod
    def match(request: ScimRequest) -> Target:
        return matched(request.method.upper(), request.path)

    def authorize(self, request: ScimRequest, target: Target, resource_type: ResourceType) -> None:
        scope = READ if target.operation in READING else WRITE
        if scope not in request.subject.scopes:
            raise ForbiddenException(detail=f"The token lacks the scope {scope}")

    def me_target(self, request: ScimRequest) -> tuple[ResourceType, str]:
        """Return the user that the token acts for, by the user name (RFC 7644, section 3.11)."""
        person = request.subject.person
        if not person:
            raise ForbiddenException(detail="The token acts for no person, so there is no /Me")
        row = rows.find_user(request.subject.tenant, fold(person))
        if row is None:
            raise NotFoundException(detail=f"No user has the userName {person}")
        return self.get_resource_type(USER), row.id

    def bulk_failure(self, outcome: dict[str, Any], exception: Exception) -> dict[str, Any]:
        if gave_way(exception):
            raise exception
        if not isinstance(exception, SCIMException):
            logger.error("scim.bulk_operation_failed", exc_info=exception)
        return super().bulk_failure(outcome, exception)
