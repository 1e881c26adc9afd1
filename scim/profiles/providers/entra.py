"""Microsoft Entra ID, with and without the flag that makes it keep to the standard."""

from scim.profiles.providers.shared import ENVELOPE, FORMS, LAST
from scim.profiles.rules.filters import (
    ENCODED_VALUES,
    FILTER_BOOLEANS,
    FILTERED_ATTRIBUTES,
    MANAGER_FILTER,
    UNQUOTED_VALUES,
)
from scim.profiles.rules.managers import MANAGER_PATH, MANAGER_VALUE
from scim.profiles.rules.operations import REMOVE_LISTED_MEMBERS
from scim.profiles.rules.values import EMPTY_VALUES
from scim.profiles.types import Profile, Step

ENTRA = Profile(
    name="entra",
    title="Microsoft Entra ID",
    rules=(
        *ENVELOPE,
        MANAGER_PATH,
        *FORMS,
        UNQUOTED_VALUES,
        ENCODED_VALUES,
        FILTER_BOOLEANS,
        FILTERED_ATTRIBUTES,
        MANAGER_FILTER,
        MANAGER_VALUE,
        EMPTY_VALUES,
        REMOVE_LISTED_MEMBERS,
        *LAST,
    ),
    creates_missing_entries=True,
    steps=(
        Step(
            title="Create the application",
            text=(
                "In the Microsoft Entra admin center choose Enterprise applications > New"
                " application > Create your own application, enter a name and choose Integrate any"
                " other application you don't find in the gallery."
            ),
        ),
        Step(
            title="Start a configuration",
            text="Open the application, select Provisioning in the left panel and New configuration.",
        ),
        Step(
            title="Enter the address",
            text=(
                "Tenant URL: {base_url}?aadOptscim062020. What follows the question mark makes"
                " Entra ID keep closer to the standard; it also works without."
            ),
        ),
        Step(
            title="Enter the token",
            text="Secret Token: {token}. Do not leave the field empty.",
        ),
        Step(
            title="Test and create",
            text="Select Test Connection, and Create when the test has succeeded.",
        ),
        Step(
            title="Choose who is sent",
            text=(
                "Assign people and groups under Users and groups, look through Attribute mapping,"
                " and try one person with Provision on-demand."
            ),
        ),
        Step(
            title="Start",
            text=(
                "Under Overview select Start provisioning. Entra ID sends changes about every 40"
                " minutes; Provisioning logs shows what it has done."
            ),
        ),
    ),
)
