"""Which attributes can be asked for, and changed by PATCH, beside those the package knows."""

from django_scim.filters import GroupFilterQuery, UserFilterQuery


class UserFilter(UserFilterQuery):
    """The package's own attributes, and the id that the identity provider knows a user by."""

    attr_map = UserFilterQuery.attr_map | {("externalId", None, None): "scim_external_id"}


class GroupFilter(GroupFilterQuery):
    """The package maps no attribute of groups by itself."""

    attr_map = {
        ("displayName", None, None): "name",
        ("externalId", None, None): "scim_external_id",
    }
