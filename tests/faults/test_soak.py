"""A few rounds of the soak (soak.py), so that it works when it is needed, and that what breaks a promise often is found here."""
import os

import soak

BINARY = os.environ.get("VIRGA_RELEASE_BIN")
ROUNDS = 4


def test_some_rounds():
    rss_mib = soak.checks.RSS_MIB * (1 if BINARY else 10)  # a sanitizer needs several times as much
    one = soak.Soak(seed=1, mount=False, binary=BINARY, rss_mib=rss_mib)
    assert soak.run(one, seed=1, rounds=ROUNDS) == []
    assert one.ledger.counts["calls"] > 100 * ROUNDS and one.ledger.counts["flows given"] > 50, "the load was too small to prove anything"
    assert one.ledger.counts["kills"] + one.ledger.counts["orderly ends"] > 0
