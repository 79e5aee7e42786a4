"""A key of the cloud that is used against virga is warned about once, and is not written to the log."""
import harness
import pytest
from control import done

REAL = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3abcdEf1"
WARNED = "looks like a real one, AKIDz8kr...:"


def log_after(*secret_ids, world=None):
    with harness.Virga("--quiet", world=world) as own:
        for secret_id in secret_ids:
            own.call("DescribeRegions", secret_id=secret_id)
        own.terminate()
        return own.stderr()


def test_it_is_warned_about_once():
    log = log_after(REAL, REAL, REAL[:-1] + "2")
    assert log.count(WARNED) == log.count("\n") == 1 and REAL not in log


def test_also_when_the_world_file_has_it():
    world = {"version": 1, "accounts": [{"uin": "1", "credentials": [{"secret_id": REAL, "secret_key": "k"}]}]}
    assert WARNED in log_after(REAL, world=world)


@pytest.mark.parametrize("secret_id", [harness.SECRET_ID, "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", REAL[:-1], REAL + "a", "AKIDunknown",
                                       "ASIA" + REAL[4:], REAL[:-1] + "*"])
def test_others_are_not(secret_id):
    assert log_after(secret_id) == ""


def test_a_test_account_is_not():
    with harness.Virga("--quiet") as own:
        account = done(own, "POST", "/_virga/accounts")
        assert len(account["secret_id"]) == len(REAL) and account["secret_id"].startswith("AKID")
        assert own.call("DescribeRegions", secret_id=account["secret_id"], secret_key=account["secret_key"]).code is None
        own.terminate()
        assert own.stderr() == ""
