"""Rules that every named provider has: what they put right cannot be mistaken for anything else."""

from scim.profiles.rules.operations import OPERATION_CASE, PATH_KEYS
from scim.profiles.rules.schemas import SCHEMAS_LIST, UNKNOWN_SCHEMAS
from scim.profiles.rules.unknown import IGNORE_UNKNOWN
from scim.profiles.rules.values import BOOLEAN_STRINGS, NULL_ENTRIES, SINGLE_ENTRIES

ENVELOPE = (OPERATION_CASE, SCHEMAS_LIST)
FORMS = (UNKNOWN_SCHEMAS, PATH_KEYS, SINGLE_ENTRIES, NULL_ENTRIES, BOOLEAN_STRINGS)
# Last, when everything that has a meaning has found its place.
LAST = (IGNORE_UNKNOWN,)
