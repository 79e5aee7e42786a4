// Package steps is what the two Go programs have in common: their configuration and how they report what happened. It knows
// nothing of an SDK, because each program is built with a module of its own and the two do not mix.
package steps

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Config is the file named by the first argument.
type Config struct {
	Scheme      string   `json:"scheme"`   // http or https
	Endpoint    string   `json:"endpoint"` // host:port
	Region      string   `json:"region"`
	SecretID    string   `json:"secret_id"`
	SecretKey   string   `json:"secret_key"`
	BurstID     string   `json:"burst_id"` // a second credential, so that the burst limits no other step
	BurstKey    string   `json:"burst_key"`
	Instances   []string `json:"instances"` // one per backup: two at once on one instance would be refused
	Databases   []string `json:"databases"`
	Unknown     string   `json:"unknown"`     // an instance that does not exist
	BackupName  string   `json:"backup_name"` // without what the step adds
	PollMillis  int      `json:"poll_ms"`
	PollSeconds int      `json:"poll_limit_seconds"`
}

// Facts is what a step learned, as the test reads it.
type Facts map[string]interface{}

// Step is one line of output.
type Step struct {
	Name string
	Do   func() (Facts, error)
}

// Read loads the file, or ends the program.
func Read() Config {
	var config Config
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return config
}

// Run prints a line for each step; a step that fails does not stop the others.
func Run(table []Step) {
	out := json.NewEncoder(os.Stdout)
	for _, step := range table {
		facts, err := step.Do()
		line := Facts{"step": step.Name, "ok": err == nil}
		for name, fact := range facts {
			line[name] = fact
		}
		if err != nil {
			line["error"] = err.Error()
		}
		if err := out.Encode(line); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

// Poll asks for a flow's status until it is no longer running (2) and returns every status seen.
func (c Config) Poll(status func() (int64, error)) ([]int64, error) {
	seen := []int64{}
	for end := time.Now().Add(time.Duration(c.PollSeconds) * time.Second); time.Now().Before(end); {
		now, err := status()
		if err != nil {
			return seen, err
		}
		if seen = append(seen, now); now != 2 {
			return seen, nil
		}
		time.Sleep(time.Duration(c.PollMillis) * time.Millisecond)
	}
	return seen, fmt.Errorf("still running after %d s", c.PollSeconds)
}

// Burst calls until a call fails, at most `most` times, and returns how many calls that took.
func Burst(most int, call func() error) (int, error) {
	for n := 1; n <= most; n++ {
		if err := call(); err != nil {
			return n, err
		}
	}
	return most, nil
}
