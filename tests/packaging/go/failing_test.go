// These tests fail. test_go_module.py checks what they print.
package backup

import (
	"testing"
	"time"

	"example.com/virga/virga/packaging/go/virgatest"
)

// rejected makes a call that is rejected.
func rejected(t *testing.T) *virgatest.Account {
	account := virgatest.Start(t).Account(t)
	client, err := NewClient(account.SecretID, account.SecretKey, account.Region, account.Address)
	if err != nil {
		t.Fatal(err)
	}
	if err := (Backups{client, "mssql-nosuchin", time.Millisecond}).Make("nightly"); err == nil {
		t.Fatal("the call was accepted")
	}
	return account
}

func Test_RejectedCallIsExplained(t *testing.T) {
	rejected(t)
	t.Fail()
}

func Test_NearestCallIsShown(t *testing.T) {
	account := rejected(t)
	account.Verify(virgatest.Fields{"action": "CreateBackup", "params": virgatest.Fields{"InstanceId": "mssql-other"}})
}

func Test_FailedStartIsExplained(t *testing.T) {
	virgatest.Start(t, "--nonsense")
}
