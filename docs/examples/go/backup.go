// Package backup backs up an instance and waits until the backup is finished, with the cloud's own SDK.
package backup

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	sqlserver "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sqlserver/v20180328"
)

const attempts = 4

// The values of a flow's Status.
const (
	Success = 0
	Failure = 1
	Running = 2
)

// ErrFailed says that the backup was started and failed.
var ErrFailed = errors.New("the backup failed")

// Backups makes backups of one instance.
type Backups struct {
	Client   *sqlserver.Client
	Instance string
	Pause    time.Duration // between two attempts, or two questions
}

// NewClient returns a client of the service at an address; without one, of the cloud.
func NewClient(secretID, secretKey, region, address string) (*sqlserver.Client, error) {
	how := profile.NewClientProfile()
	if address != "" {
		how.HttpProfile.Scheme, how.HttpProfile.Endpoint = "http", address
	}
	return sqlserver.NewClient(common.NewCredential(secretID, secretKey), region, how)
}

// isLost returns whether the response was lost. The service may have executed the call.
func isLost(err error) bool {
	var answered *sdkerrors.TencentCloudSDKError
	return !errors.As(err, &answered) || strings.HasPrefix(answered.Code, "ClientError.")
}

func isTemporary(err error) bool {
	var answered *sdkerrors.TencentCloudSDKError
	return isLost(err) || errors.As(err, &answered) &&
		(strings.HasPrefix(answered.Code, "RequestLimitExceeded") || strings.HasPrefix(answered.Code, "InternalError"))
}

// Count returns how many backups have this name.
func (b Backups) Count(name string) (int, error) {
	request := sqlserver.NewDescribeBackupsRequest()
	request.InstanceId, request.BackupName = &b.Instance, &name
	request.StartTime, request.EndTime = common.StringPtr("2000-01-01 00:00:00"), common.StringPtr("2099-12-31 00:00:00")
	answer, err := b.Client.DescribeBackups(request)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, backup := range answer.Response.Backups {
		if *backup.BackupName == name {
			count++
		}
	}
	return count, nil
}

// Begin starts a backup. It returns the id of its flow, or 0 when the backup exists already.
func (b Backups) Begin(name string) (int64, error) {
	request := sqlserver.NewCreateBackupRequest()
	request.InstanceId, request.BackupName = &b.Instance, &name
	for attempt := 1; ; attempt++ {
		answer, err := b.Client.CreateBackup(request)
		if err == nil {
			return *answer.Response.FlowId, nil
		}
		if !isTemporary(err) || attempt == attempts {
			return 0, err
		}
		if isLost(err) { // a second call could make a second backup
			if count, err := b.Count(name); err != nil || count > 0 {
				return 0, err
			}
		}
		time.Sleep(b.Pause << (attempt - 1))
	}
}

// Status returns the status of a flow.
func (b Backups) Status(flow int64) (int64, error) {
	request := sqlserver.NewDescribeFlowStatusRequest()
	request.FlowId = &flow
	answer, err := b.Client.DescribeFlowStatus(request)
	if err != nil {
		return 0, err
	}
	return *answer.Response.Status, nil
}

// Finish waits until the flow has ended.
func (b Backups) Finish(flow int64) error {
	for {
		status, err := b.Status(flow)
		if err != nil || status == Success {
			return err
		}
		if status == Failure {
			return fmt.Errorf("%w: flow %d", ErrFailed, flow)
		}
		time.Sleep(b.Pause)
	}
}

// Make makes a backup of this name.
func (b Backups) Make(name string) error {
	flow, err := b.Begin(name)
	if err != nil || flow == 0 {
		return err
	}
	return b.Finish(flow)
}
