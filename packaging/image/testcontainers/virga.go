// Package virgacontainer starts virga in a container, for Testcontainers. Copy this file into the tests:
//
//	virga := virgacontainer.Start(ctx, t, "virga:0.1.0")
//	profile.HttpProfile.Scheme, profile.HttpProfile.Endpoint = "HTTP", virga.Endpoint
package virgacontainer

import (
	"context"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const port = "8328/tcp"

// The credential of the built-in world, and what the control API requires: Authorization: Bearer TOKEN.
const (
	SecretID     = "AKIDvirgaLocalEmulatorKeyEXAMPLE0001"
	SecretKey    = "virgaLocalEmulatorSecretEXAMPLE1"
	ControlToken = "testcontainers"
)

// Virga is a running server.
type Virga struct {
	Endpoint string // host and port, as an SDK takes them
	Control  string // the address of the control API, which ends with a slash
}

// Start returns a server that the end of the test stops.
func Start(ctx context.Context, t testing.TB, image string) Virga {
	t.Helper()
	container, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			Image:        image,
			ExposedPorts: []string{port},
			Env:          map[string]string{"VIRGA_MEMORY": "1", "VIRGA_CONTROL_TOKEN": ControlToken},
			WaitingFor:   wait.ForHTTP("/_virga/health").WithPort(port).WithStartupTimeout(20 * time.Second),
		},
		Started: true,
	})
	testcontainers.CleanupContainer(t, container)
	if err != nil {
		t.Fatalf("virga does not start: %v", err)
	}
	endpoint, err := container.PortEndpoint(ctx, port, "")
	if err != nil {
		t.Fatalf("virga has no address: %v", err)
	}
	return Virga{Endpoint: endpoint, Control: "http://" + endpoint + "/_virga/"}
}
