"""The settings of an installation, with a view of no use in it to compare with."""

from config.settings import *  # noqa: F403  # the same in everything else

ROOT_URLCONF = "bench.product.urls"
