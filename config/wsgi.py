"""The WSGI entry point, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from config.checks import refuse_mistakes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# Commands of manage.py check the settings by themselves; the web server is told to.
refuse_mistakes()
