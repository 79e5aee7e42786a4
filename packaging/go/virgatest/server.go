// Package virgatest starts virga, the emulator of Tencent Cloud's SQL Server API, for tests.
//
//	func TestBackup(t *testing.T) {
//		t.Parallel()
//		account := virgatest.Start(t, "--flow-seconds", "backup=0").Account(t)
//		account.AddFault(virgatest.Fields{"action": "CreateBackup", "code": "RequestLimitExceeded", "count": 2})
//		// ... call the service at account.Address, with account.SecretID and account.SecretKey ...
//		account.Verify(virgatest.Fields{"action": "CreateBackup", "code": "ok"})
//	}
//
// Each Start is a server of its own, which starts in some milliseconds and ends with the test, so tests can run in
// parallel. Subtests can share a server and create an account each. What fails ends the test. The fields of rules,
// expectations and answers are those of the control API; docs/protocol.md describes what this package relies on.
package virgatest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startLimit bounds a start, which takes some milliseconds.
const startLimit = 30 * time.Second

// Fields is a JSON object of the control API.
type Fields = map[string]any

// Server is a running server in memory, on a free port of this machine.
type Server struct {
	Endpoint  string `json:"endpoint"` // such as http://127.0.0.1:40001
	SecretID  string `json:"secret_id"`
	SecretKey string `json:"secret_key"`
	Region    string `json:"region"`
	Instance  string `json:"instance"`
	PID       int    `json:"pid"`
	Address   string `json:"-"` // the endpoint without http://, as the SDK takes it

	ControlURL string `json:"control"`

	t    testing.TB
	http http.Client
}

// Program returns the path of the program: VIRGA_BIN, or virga on PATH.
func Program() string {
	if path := os.Getenv("VIRGA_BIN"); path != "" {
		return path
	}
	return "virga"
}

// Start starts a server with further options of virga serve. The server ends with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return StartProgram(t, Program(), args...)
}

// StartProgram is Start with the path of the program.
func StartProgram(t testing.TB, program string, args ...string) *Server {
	t.Helper()
	own := []string{"serve", "--memory", "--port", "0", "--json", "--quiet", "--until-eof"}
	command := exec.Command(program, append(own, args...)...)
	command.Env = environment()
	var errors bytes.Buffer // complete after Wait
	command.Stderr = &errors
	// The end of this program, however it comes, closes the server's standard input, which ends the server.
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatalf("virga did not start: %v; set VIRGA_BIN to its path", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	limit := time.AfterFunc(startLimit, func() { _ = command.Process.Kill() })
	line, err := bufio.NewReader(output).ReadBytes('\n') // with --quiet the ready line is all that it writes here
	limit.Stop()
	server := &Server{t: t, http: http.Client{Transport: &http.Transport{DisableKeepAlives: true}}} // and no proxy
	if err == nil {
		err = json.Unmarshal(line, server)
	}
	if err != nil {
		_ = command.Process.Kill()
		_ = command.Wait()
		t.Fatalf("virga did not start: %v\n%s", err, errors.String())
	}
	server.Address = strings.TrimPrefix(server.Endpoint, "http://")
	return server
}

// environment leaves out virga's variables, each of which is an option of the server.
func environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "VIRGA_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// Control sends a request to the control API; the path begins after /_virga. It decodes the answer into result, unless
// that is nil. An answer of the API that is an error ends the test.
func (s *Server) Control(t testing.TB, method, path string, body, result any) {
	t.Helper()
	if err := s.send(method, path, body, result); err != nil {
		t.Fatalf("virga: %s %s: %v", method, path, err)
	}
}

func (s *Server) send(method, path string, body, result any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.ControlURL+path, sent)
	if err != nil {
		return err
	}
	response, err := s.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		var answer struct {
			Error struct{ Message, Hint string }
		}
		_ = json.NewDecoder(response.Body).Decode(&answer)
		return fmt.Errorf("%s; %s", answer.Error.Message, answer.Error.Hint)
	}
	if result == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(result)
}

// AdvanceClock moves the service's clock of the whole server.
func (s *Server) AdvanceClock(step time.Duration) {
	s.t.Helper()
	s.Control(s.t, "POST", "/clock/advance", Fields{"seconds": step.Seconds()}, nil)
}

// FreezeClock stops the service's clock of the whole server at a time.
func (s *Server) FreezeClock(at time.Time) {
	s.t.Helper()
	s.Control(s.t, "PUT", "/clock", Fields{"mode": "frozen", "time": at.Format(time.RFC3339)}, nil)
}

// Reset resets scopes such as "flows,journal"; "all" resets everything.
func (s *Server) Reset(scope string) {
	s.t.Helper()
	s.Control(s.t, "POST", "/reset?scope="+url.QueryEscape(scope), nil, nil)
}
