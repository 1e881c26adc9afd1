import pytest, collections
from hypothesis import given, settings, HealthCheck, Phase
from tests.scim.fuzzing.test_filter_laws import *
@pytest.mark.django_db
def test_collect(tenant):
    import time
    bad=[]
    n=0
    for seed in (1,):
      population = populated(tenant, seed)
      for kinds in ([USER],[GROUP],[USER,GROUP]):
        trees=[offered().trees[k] for k in kinds]
        t0=time.time(); spent=[0,0]
        @settings(max_examples=700, suppress_health_check=list(HealthCheck), phases=[Phase.generate],database=None)
        @given(filters(trees, population.known))
        def holds(text):
            nonlocal n
            n+=1
            from django.db import transaction
            with offered().provider:
                try:
                    with transaction.atomic():
                        t=time.time()
                        a=population.found(text,kinds)
                        spent[0]+=time.time()-t
                    t=time.time()
                    b=population.matching(text,kinds)
                    spent[1]+=time.time()-t
                    if a!=b: bad.append((len(text),text,f"sql {len(a-b)} extra, {len(b-a)} missing"))
                except Exception as e:
                    bad.append((len(text),text,type(e).__name__+str(e)[:300]))
        holds()
        print(kinds, time.time()-t0, spent)
    bad.sort()
    print(n,len(bad))
    for b in bad[:45]: print(b)
    raise SystemExit
