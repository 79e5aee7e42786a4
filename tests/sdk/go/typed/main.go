// Drives the typed SQL Server client of the one-module SDK for Go against a local endpoint.
package main

import (
	"errors"
	"fmt"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	sqlserver "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sqlserver/v20180328"
	"virga.test/sdk/steps"
)

var config = steps.Read()

// how is the part of a client's profile that the steps vary. An empty field leaves the SDK's default.
type how struct {
	method, sign, language string
	unsigned               bool
	key                    string // instead of the right one
	burst                  bool   // the second credential
}

func (h how) client() (*sqlserver.Client, error) {
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = config.Scheme, config.Endpoint
	p.UnsignedPayload = h.unsigned
	if h.method != "" {
		p.HttpProfile.ReqMethod = h.method
	}
	if h.sign != "" {
		p.SignMethod = h.sign
	}
	if h.language != "" {
		p.Language = h.language
	}
	id, key := config.SecretID, config.SecretKey
	if h.burst {
		id, key = config.BurstID, config.BurstKey
	}
	if h.key != "" {
		key = h.key
	}
	return sqlserver.NewClient(common.NewCredential(id, key), config.Region, p)
}

func status(client *sqlserver.Client, flow int64) (int64, error) {
	request := sqlserver.NewDescribeFlowStatusRequest()
	request.FlowId = common.Int64Ptr(flow)
	answer, err := client.DescribeFlowStatus(request)
	if err != nil {
		return 0, err
	}
	return *answer.Response.Status, nil
}

// create sends every parameter that this version of the SDK has: it is older than StorageStrategy.
func (h how) create(instance, name string) (*sqlserver.Client, *sqlserver.CreateBackupResponse, error) {
	client, err := h.client()
	if err != nil {
		return nil, nil, err
	}
	request := sqlserver.NewCreateBackupRequest()
	request.InstanceId = common.StringPtr(instance)
	request.Strategy = common.Int64Ptr(1)
	request.DBNames = common.StringPtrs(config.Databases)
	request.BackupName = common.StringPtr(config.BackupName + name)
	answer, err := client.CreateBackup(request)
	return client, answer, err
}

// backup makes one on an instance of its own and asks once for its flow, by the same kind of request.
func backup(h how, instance int, name string) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		client, answer, err := h.create(config.Instances[instance], name)
		if err != nil {
			return nil, err
		}
		flow := *answer.Response.FlowId
		now, err := status(client, flow)
		return steps.Facts{"flow_id": flow, "status": now, "request_id": *answer.Response.RequestId}, err
	}
}

func done(instance int) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		client, answer, err := how{}.create(config.Instances[instance], "done")
		if err != nil {
			return nil, err
		}
		seen, err := config.Poll(func() (int64, error) { return status(client, *answer.Response.FlowId) })
		return steps.Facts{"statuses": seen}, err
	}
}

// remark sets those of both databases by the typed client and reads them again.
func remark(instance int) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		client, err := how{}.client()
		if err != nil {
			return nil, err
		}
		request := sqlserver.NewModifyDBRemarkRequest()
		request.InstanceId = common.StringPtr(config.Instances[instance])
		for _, name := range config.Databases {
			request.DBRemarks = append(request.DBRemarks,
				&sqlserver.DBRemark{Name: common.StringPtr(name), Remark: common.StringPtr("remark of " + name)})
		}
		answer, err := client.ModifyDBRemark(request)
		if err != nil {
			return nil, err
		}
		list := sqlserver.NewDescribeDBsRequest()
		list.InstanceIdSet = common.StringPtrs([]string{config.Instances[instance]})
		listed, err := client.DescribeDBs(list)
		if err != nil {
			return nil, err
		}
		remarks := map[string]string{}
		for _, database := range listed.Response.DBInstances[0].DBDetails {
			remarks[*database.Name] = *database.Remark
		}
		return steps.Facts{"remarks": remarks, "request_id": *answer.Response.RequestId}, nil
	}
}

// refused is the SDK's own error type taken apart; any other error fails the step.
func refused(err error) (steps.Facts, error) {
	var sdk *sdkerrors.TencentCloudSDKError
	if !errors.As(err, &sdk) {
		return nil, fmt.Errorf("no TencentCloudSDKError but %v", err)
	}
	return steps.Facts{"code": sdk.GetCode(), "message": sdk.GetMessage(), "request_id": sdk.GetRequestId()}, nil
}

func failing(h how, instance string) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		_, _, err := h.create(instance, "failing")
		return refused(err)
	}
}

func limit() (steps.Facts, error) {
	client, err := how{burst: true, language: "en-US"}.client()
	if err != nil {
		return nil, err
	}
	request := sqlserver.NewCreateBackupRequest()
	request.InstanceId = common.StringPtr(config.Unknown)
	calls, err := steps.Burst(60, func() error {
		_, err := client.CreateBackup(request)
		var sdk *sdkerrors.TencentCloudSDKError
		if errors.As(err, &sdk) && sdk.GetCode() == "ResourceNotFound.InstanceNotFound" {
			return nil // it has passed the rate limit
		}
		return err
	})
	facts, err := refused(err)
	if err == nil {
		facts["calls"] = calls
	}
	return facts, err
}

func main() {
	const wrong = "not-the-key-of-this-credential00"
	steps.Run([]steps.Step{
		{Name: "create.tc3_post", Do: backup(how{}, 0, "tc3_post")},
		{Name: "create.tc3_get", Do: backup(how{method: "GET"}, 1, "tc3_get")},
		{Name: "create.unsigned", Do: backup(how{unsigned: true}, 2, "unsigned")},
		{Name: "create.sha1_post", Do: backup(how{sign: "HmacSHA1"}, 3, "sha1_post")},
		{Name: "create.sha1_get", Do: backup(how{sign: "HmacSHA1", method: "GET"}, 4, "sha1_get")},
		{Name: "create.sha256_post", Do: backup(how{sign: "HmacSHA256"}, 5, "sha256_post")},
		{Name: "create.sha256_get", Do: backup(how{sign: "HmacSHA256", method: "GET"}, 6, "sha256_get")},
		{Name: "flow.done", Do: done(7)},
		{Name: "databases.remark", Do: remark(8)},
		{Name: "instance", Do: wholeInstance},
		{Name: "not_found.default", Do: failing(how{}, config.Unknown)},
		{Name: "not_found.en", Do: failing(how{language: "en-US"}, config.Unknown)},
		{Name: "not_found.zh", Do: failing(how{language: "zh-CN"}, config.Unknown)},
		{Name: "signature.en", Do: failing(how{language: "en-US", key: wrong}, config.Instances[0])},
		{Name: "signature.zh", Do: failing(how{language: "zh-CN", key: wrong}, config.Instances[0])},
		{Name: "signature.v1", Do: failing(how{language: "en-US", key: wrong, sign: "HmacSHA256"}, config.Instances[0])},
		{Name: "limit.refused", Do: limit},
	})
}
