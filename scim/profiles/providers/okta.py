"""Okta, with applications of the catalog and with those made by the App Integration Wizard."""

from scim.profiles.providers.shared import ENVELOPE, FORMS, LAST
from scim.profiles.rules.operations import READ_ONLY_IN_PATCH
from scim.profiles.types import Profile, Step

OKTA = Profile(
    name="okta",
    title="Okta",
    rules=(*ENVELOPE, *FORMS, READ_ONLY_IN_PATCH, *LAST),
    steps=(
        Step(
            title="Create the application",
            text=(
                "In the Admin Console choose Applications > Applications and Create App"
                " Integration, with SAML 2.0 or SWA - Secure Web Authentication as the sign-in"
                " method. Okta offers no SCIM for OpenID Connect applications."
            ),
        ),
        Step(
            title="Turn on SCIM",
            text="On the General tab, under App Settings, click Edit, select SCIM and click Save.",
        ),
        Step(
            title="Connect",
            text=(
                "On the Provisioning tab, under Settings > Integration, click Edit. SCIM connector"
                " base URL: {base_url}. Unique identifier field for users: userName. Supported"
                " provisioning actions: Push New Users, Push Profile Updates and Push Groups."
            ),
        ),
        Step(
            title="Authenticate",
            text="Authentication Mode: HTTP Header. Authorization (Bearer): {token}",
        ),
        Step(
            title="Test and save",
            text="Click Test Connector Configuration, and Save when the test has succeeded.",
        ),
        Step(
            title="Turn on what Okta may do",
            text=(
                "Under Provisioning > To App click Edit, enable Create Users, Update User"
                " Attributes and Deactivate Users, and click Save."
            ),
        ),
        Step(
            title="Assign people and groups",
            text=(
                "Assign people and groups on the Assignments tab. The groups themselves, with"
                " their members, are sent from the Push Groups tab."
            ),
        ),
    ),
)
