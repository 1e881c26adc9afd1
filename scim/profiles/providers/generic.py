"""Any client that keeps to the standard: RFC 7643 and RFC 7644, and nothing beside them."""

from scim.profiles.types import Profile, Step

GENERIC = Profile(
    name="generic",
    title="Any other, strictly by the standard",
    rules=(),
    steps=(
        Step(
            title="Enter the address",
            text="Give {base_url} as the base URL of the SCIM 2.0 service provider (RFC 7644).",
        ),
        Step(
            title="Enter the token",
            text="Authenticate with the HTTP header Authorization: Bearer {token}",
        ),
        Step(
            title="Let the client look",
            text=(
                "{base_url}/ServiceProviderConfig, {base_url}/ResourceTypes and {base_url}/Schemas"
                " say what is supported."
            ),
        ),
        Step(
            title="Send one user",
            text=(
                "Create one user and look at the provisioning log. Nothing is put right or ignored:"
                " whatever deviates from the standard is refused, and the answer says why."
            ),
        ),
    ),
)
