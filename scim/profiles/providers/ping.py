"""PingFederate with its SCIM provisioner, and PingOne with a SCIM connection."""

from scim.profiles.providers.shared import ENVELOPE, FORMS, LAST
from scim.profiles.rules.filters import UNQUOTED_VALUES
from scim.profiles.types import Profile, Step

PING = Profile(
    name="ping",
    title="PingFederate or PingOne",
    rules=(*ENVELOPE, *FORMS, UNQUOTED_VALUES, *LAST),
    steps=(
        Step(
            title="PingFederate: create the connection",
            text=(
                "Go to Applications > Integration > SP Connections and click Create Connection. On"
                " the Connection Template tab select Do not use a template for this connection; on"
                " the Connection Type tab select Outbound Provisioning, with SCIM Connector in the"
                " Type list."
            ),
        ),
        Step(
            title="PingFederate: enter the target",
            text=(
                "On the Outbound Provisioning tab click Configure Provisioning. On the Target tab"
                " enter SCIM URL: {base_url}, SCIM Version: 2.0, Authentication Method: OAuth 2"
                " Bearer Token, Access Token: {token}. Leave Unique User Identifier at userName."
            ),
        ),
        Step(
            title="PingOne: create the connection",
            text=(
                "Go to Integrations > Provisioning, click + and New connection, click Select on"
                " the Identity Store row, and select SCIM Outbound."
            ),
        ),
        Step(
            title="PingOne: authenticate",
            text=(
                "SCIM base URL: {base_url}. Users resource: /Users. SCIM version: 2.0."
                " Authentication method: OAuth 2 Bearer Token. OAuth Access Token: {token}"
            ),
        ),
        Step(
            title="PingOne: test and enable",
            text="Click Test Connection, finish the assistant, and enable the connection.",
        ),
    ),
)
