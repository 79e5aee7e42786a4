// These tests show how the package handles errors of the cloud: go test ./...
package backup

import (
	"errors"
	"testing"
	"time"

	"example.com/virga/virga/packaging/go/virgatest"
)

type fields = virgatest.Fields

// start returns an account on a server of this test, with backups that are done at once, and the code under test.
func start(t *testing.T) (*virgatest.Account, Backups) {
	t.Helper()
	t.Parallel()
	account := virgatest.Start(t, "--flow-seconds", "backup=0").Account(t)
	client, err := NewClient(account.SecretID, account.SecretKey, account.Region, account.Address)
	if err != nil {
		t.Fatal(err)
	}
	return account, Backups{client, account.Instance, time.Millisecond}
}

// made makes a backup and checks that there is exactly one of that name.
func made(t *testing.T, backups Backups, name string) {
	t.Helper()
	if err := backups.Make(name); err != nil {
		t.Fatal(err)
	}
	if count, err := backups.Count(name); err != nil || count != 1 {
		t.Errorf("%d backups with the name %s (%v), not 1", count, name, err)
	}
}

func TestBackupIsMade(t *testing.T) {
	_, backups := start(t)
	made(t, backups, "nightly")
}

func TestThrottledCallIsRetried(t *testing.T) {
	account, backups := start(t)
	limit := account.AddFault(fields{"action": "CreateBackup", "code": "RequestLimitExceeded", "count": 2})
	made(t, backups, "nightly")
	if limit.Hits() != 2 {
		t.Errorf("the rule was applied to %d calls, not 2", limit.Hits())
	}
	refused := fields{"action": "CreateBackup", "code": "RequestLimitExceeded"}
	account.VerifyInOrder(refused, refused, fields{"action": "CreateBackup", "code": "ok"})
}

func TestInternalErrorOfTheSecondCallIsRetried(t *testing.T) {
	account, backups := start(t)
	account.AddFault(fields{"action": "CreateBackup", "code": "InternalError.SystemError", "after": 1, "count": 1})
	made(t, backups, "first")
	made(t, backups, "second")
	account.Verify(fields{"action": "CreateBackup", "count": fields{"min": 3, "max": 3}})
}

func TestLostResponseMakesNoSecondBackup(t *testing.T) {
	account, backups := start(t)
	account.AddFault(fields{"action": "CreateBackup", "close": "after_commit", "count": 1})
	made(t, backups, "nightly")
	account.Verify(fields{"action": "CreateBackup", "count": fields{"min": 1, "max": 1}})
}

func TestSlowBackupIsFinishedWhenTheClockHasMoved(t *testing.T) {
	account, backups := start(t)
	account.AddFault(fields{"action": "CreateBackup", "flow_seconds": 3600})
	flow, err := backups.Begin("slow")
	if err != nil {
		t.Fatal(err)
	}
	if status, err := backups.Status(flow); err != nil || status != Running {
		t.Fatalf("status %d (%v), not running", status, err)
	}
	account.Server.AdvanceClock(time.Hour)
	if err := backups.Finish(flow); err != nil {
		t.Fatal(err)
	}
}

func TestFailedFlowIsReported(t *testing.T) {
	account, backups := start(t)
	account.AddFault(fields{"action": "CreateBackup", "flow_outcome": "failure"})
	if err := backups.Make("nightly"); !errors.Is(err, ErrFailed) {
		t.Errorf("%v, not %v", err, ErrFailed)
	}
}
