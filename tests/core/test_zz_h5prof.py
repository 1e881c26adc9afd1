import cProfile, pstats
from datetime import timedelta
import pytest
from django.utils import timezone
from core import events
from core.models import Event, EventLog, Tenant
from tests.makers import make_actor
@pytest.mark.django_db
def test_p(tenant, settings):
    settings.EVENT_CONSUMERS=[]
    import time
    start=timezone.now(); t=time.time()
    Event.objects.bulk_create([events.draft(tenant,"parcel.scanned",{"n":n},actor=make_actor(),occurred_at=start+timedelta(microseconds=n)) for n in range(20000)],batch_size=5000)
    print("create",time.time()-t)
    p=cProfile.Profile(); p.enable()
    t=time.time(); events.dispatch(); print("dispatch",time.time()-t)
    p.disable(); pstats.Stats(p).sort_stats("cumulative").print_stats(35)
