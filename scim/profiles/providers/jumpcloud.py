"""JumpCloud, where SCIM belongs to an application for single sign-on."""

from scim.profiles.providers.shared import ENVELOPE, FORMS, LAST
from scim.profiles.rules.operations import REMOVE_LISTED_MEMBERS
from scim.profiles.types import Profile, Step

JUMPCLOUD = Profile(
    name="jumpcloud",
    title="JumpCloud",
    rules=(*ENVELOPE, *FORMS, REMOVE_LISTED_MEMBERS, *LAST),
    steps=(
        Step(
            title="Open the application",
            text=(
                "In the Admin Portal go to SSO Applications and open the application, or add a"
                " custom one."
            ),
        ),
        Step(
            title="Connect",
            text=(
                "On the Identity Management tab choose SCIM Version: SCIM 2.0. Base URL:"
                " {base_url}. Token Key: {token}"
            ),
        ),
        Step(
            title="Name a test user",
            text=(
                "Test User Email: an address that no user here has. JumpCloud creates a user with"
                " it and a group, and deletes both again."
            ),
        ),
        Step(
            title="Test and activate",
            text=(
                "Select Enable management of User Groups and Group Membership, click Test"
                " Connection, then Activate, then Save."
            ),
        ),
        Step(
            title="Choose who is sent",
            text="On the User Groups tab select the groups to send, and click Save.",
        ),
    ),
)
