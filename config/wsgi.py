"""The WSGI entry point, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from config.checks import refuse_mistakes
from core.bodies import with_whole_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = with_whole_bodies(get_wsgi_application())
# Commands of manage.py check the settings by themselves; the web server is told to.
refuse_mistakes()
