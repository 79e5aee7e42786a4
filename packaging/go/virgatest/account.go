package virgatest

import (
	"fmt"
	"net/url"
	"testing"
)

// Account is a credential with resources of its own. It shares nothing with other accounts but the clock of the server.
type Account struct {
	UIN       string `json:"uin"`
	SecretID  string `json:"secret_id"`
	SecretKey string `json:"secret_key"`
	Region    string `json:"region"`
	Instance  string `json:"instance_id"`
	Address   string `json:"-"` // of the server, as the SDK takes it

	Server *Server `json:"-"`
	t      testing.TB
}

// Call is a call of the journal. Server.Control reads the fields that are missing here.
type Call struct {
	RequestID string `json:"request_id"`
	Action    string `json:"action"`
	Code      string `json:"code"` // ok or an error code; empty where a fault rule replaced the response
	Message   string `json:"message"`
	Params    Fields `json:"params"`
	FlowID    int64  `json:"flow_id"`
	Why       string `json:"why_text"` // why it was rejected
}

// Account creates an account, which is removed at the end of the test. When the test fails, the rejected calls are
// logged. The account has what the server's own has, or what world describes: an account of a world file.
func (s *Server) Account(t testing.TB, world ...Fields) *Account {
	t.Helper()
	body := Fields{}
	if len(world) > 0 {
		body["world"] = world[0]
	}
	account := &Account{Server: s, Address: s.Address, t: t}
	s.Control(t, "POST", "/accounts", body, account)
	t.Cleanup(account.finish)
	return account
}

func (a *Account) finish() {
	if a.t.Failed() {
		for _, call := range a.Requests() {
			if call.Code != "ok" {
				a.t.Logf("virga: %s => %s %s (%s)", call.Action, call.Code, call.Message, call.Why)
			}
		}
	}
	a.Server.Control(a.t, "DELETE", "/accounts/"+a.UIN, nil, nil)
}

// Fault is a fault rule of an account.
type Fault struct {
	account *Account
	path    string
}

// AddFault adds a rule for the calls of this account. It is removed at the end of the test.
func (a *Account) AddFault(rule Fields) *Fault {
	a.t.Helper()
	var made struct{ ID int64 }
	a.Server.Control(a.t, "POST", "/faults", a.scoped(rule), &made)
	fault := &Fault{a, fmt.Sprint("/faults/", made.ID)}
	a.t.Cleanup(fault.Remove)
	return fault
}

// Hits returns how many calls the rule was applied to.
func (f *Fault) Hits() int {
	f.account.t.Helper()
	var rule struct{ Hits int }
	f.account.Server.Control(f.account.t, "GET", f.path, nil, &rule)
	return rule.Hits
}

// Remove removes the rule. A rule that a reset has removed is no error.
func (f *Fault) Remove() {
	_ = f.account.Server.send("DELETE", f.path, nil, nil)
}

// Requests returns the calls of this account, the newest last. A filter is a name and a value: "action", "CreateBackup".
func (a *Account) Requests(filter ...string) []Call {
	a.t.Helper()
	query := url.Values{"secret_id": {a.SecretID}}
	for i := 0; i+1 < len(filter); i += 2 {
		query.Set(filter[i], filter[i+1])
	}
	var page struct{ Requests []Call }
	a.Server.Control(a.t, "GET", "/requests?"+query.Encode(), nil, &page)
	return page.Requests
}

// Verify marks the test as failed unless the account has made the calls.
func (a *Account) Verify(expected Fields) {
	a.t.Helper()
	a.verify(a.scoped(expected))
}

// VerifyInOrder marks the test as failed unless the account has made these calls one after another.
func (a *Account) VerifyInOrder(expected ...Fields) {
	a.t.Helper()
	var calls []Fields
	for _, call := range expected {
		calls = append(calls, a.scoped(call))
	}
	a.verify(Fields{"in_order": calls})
}

func (a *Account) verify(body Fields) {
	a.t.Helper()
	if err := a.Server.send("POST", "/verify", body, nil); err != nil {
		a.t.Errorf("virga: %v", err)
	}
}

// Reset resets what the account has.
func (a *Account) Reset() {
	a.t.Helper()
	a.Server.Control(a.t, "POST", "/reset?account="+a.UIN, nil, nil)
}

// scoped limits a rule or an expectation to the calls of this account.
func (a *Account) scoped(fields Fields) Fields {
	scoped := Fields{"secret_id": a.SecretID}
	for name, value := range fields {
		scoped[name] = value
	}
	return scoped
}
