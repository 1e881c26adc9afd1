"""OneLogin, whose administrators write the bodies themselves, as a template."""

from scim.profiles.providers.shared import ENVELOPE, FORMS, LAST
from scim.profiles.rules.managers import MANAGER_VALUE
from scim.profiles.rules.schemas import OLD_SCHEMAS
from scim.profiles.types import Profile, Step

ONELOGIN = Profile(
    name="onelogin",
    title="OneLogin",
    rules=(*ENVELOPE, OLD_SCHEMAS, *FORMS, MANAGER_VALUE, *LAST),
    steps=(
        Step(
            title="Add the application",
            text=(
                "In the administration choose Applications > Add App, search for SCIM, select SCIM"
                " Provisioner with SAML (SCIM v2 Enterprise), and click Save."
            ),
        ),
        Step(
            title="Connect",
            text=(
                "On the Configuration tab enter SCIM Base URL: {base_url} and SCIM Bearer Token:"
                " {token}"
            ),
        ),
        Step(
            title="Check the template",
            text=(
                "SCIM JSON Template decides what is sent. Keep userName, name and emails, and write"
                " emails as a list."
            ),
        ),
        Step(
            title="Enable the connection",
            text="Under API Status click Enable, and Save.",
        ),
        Step(
            title="Enable provisioning",
            text=(
                "On the Provisioning tab check Enable Provisioning. Uncheck Create, Delete and"
                " Update under Require admin approval, unless each change shall be approved by"
                " hand. Click Save."
            ),
        ),
        Step(
            title="Give access",
            text="On the Access tab choose the roles whose users are sent, and click Save.",
        ),
    ),
)
