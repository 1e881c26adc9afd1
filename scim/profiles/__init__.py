"""The tolerant edge of the SCIM server: one profile for each identity provider.

Pure: a raw request in, a request for the strict core and a list of what was changed out. ``known``
is what a directory knows, ``rules`` holds one small function for each habit, ``providers`` says
which provider has which, and how it is set up.
"""

from collections.abc import Mapping

from scim.profiles.known import KnownAttributes
from scim.profiles.normalizing import normalize
from scim.profiles.providers.entra import ENTRA
from scim.profiles.providers.generic import GENERIC
from scim.profiles.providers.google import GOOGLE
from scim.profiles.providers.jumpcloud import JUMPCLOUD
from scim.profiles.providers.okta import OKTA
from scim.profiles.providers.onelogin import ONELOGIN
from scim.profiles.providers.ping import PING
from scim.profiles.types import Firing, Normalized, Profile, RawRequest, Rule, Step

__all__ = [
    "PROFILES",
    "Firing",
    "KnownAttributes",
    "Normalized",
    "Profile",
    "RawRequest",
    "Rule",
    "Step",
    "normalize",
]

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (OKTA, ENTRA, ONELOGIN, JUMPCLOUD, GOOGLE, PING, GENERIC)
}
"""Every profile by its name, which directories know it by."""
