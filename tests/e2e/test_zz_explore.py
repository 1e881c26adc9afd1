from collections import Counter
from tests.e2e.wire import exchange
import tests.e2e.wire as w
from tests.e2e.test_e2e_garbage import *
def test_x(installation, web, api):
    for n in ("a line of 100,000 letters","a header of 100,000 letters","1,000 headers","10 MB","chunks without end"):
        c=[x for x in [*MALFORMED_HTTP, *REFUSED] if x.name==n][0]
        cnt=Counter()
        for i in range(60):
            try: a = exchange(web.port, *c.raw(installation.credentials.key)); cnt[a.status]+=1; 
            except Exception as e: cnt[repr(e)]+=1
        print(n,cnt)
