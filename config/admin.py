"""The admin site."""

from unfold.sites import UnfoldAdminSite


class PatchbaySite(UnfoldAdminSite):  # type: ignore[misc]  # unfold is not typed
    """Where staff configure everything and watch it work."""

    site_title = "Patchbay"
    site_header = "Patchbay"
    index_title = "Dashboard"
