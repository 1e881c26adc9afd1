"""Google Workspace, whose automated provisioning keeps to the standard but for its content type."""

from scim.profiles.providers.shared import ENVELOPE, FORMS, LAST
from scim.profiles.types import Profile, Step

GOOGLE = Profile(
    name="google",
    title="Google Workspace",
    rules=(*ENVELOPE, *FORMS, *LAST),
    steps=(
        Step(
            title="Open the application",
            text=(
                "In the Admin console go to Apps > Web and mobile apps and open the SAML"
                " application. Provisioning belongs to it."
            ),
        ),
        Step(
            title="Start",
            text="In the section Autoprovisioning click Configure autoprovisioning.",
        ),
        Step(title="Enter the token", text="Access token: {token}"),
        Step(title="Enter the address", text="Endpoint URL: {base_url}"),
        Step(
            title="Map the attributes",
            text="Check the attribute mapping, and choose the groups to send, if not everybody.",
        ),
        Step(
            title="Turn it on",
            text=(
                "Choose what happens when a person loses access, click Finish, and switch"
                " Autoprovisioning to Active."
            ),
        ),
    ),
)
