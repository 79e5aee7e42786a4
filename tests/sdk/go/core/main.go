// Drives today's core of the SDK for Go against a local endpoint: the untyped CommonClient and requests of our own.
package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	"virga.test/sdk/steps"
)

var config = steps.Read()

// how is the part of a client's profile that the steps vary. An empty field leaves the SDK's default.
type how struct {
	method, sign, language string
	unsigned               bool
	gateway                bool   // ApigwEndpoint: signed for the cloud's own host, sent to ours
	key                    string // instead of the right one
	burst                  bool   // the second credential
}

func (h how) profile() *profile.ClientProfile {
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = config.Scheme, config.Endpoint
	if h.gateway {
		p.HttpProfile.Endpoint, p.HttpProfile.ApigwEndpoint = "", config.Endpoint
	}
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
	return p
}

func (h how) client(p *profile.ClientProfile) *common.Client {
	id, key := config.SecretID, config.SecretKey
	if h.burst {
		id, key = config.BurstID, config.BurstKey
	}
	if h.key != "" {
		key = h.key
	}
	return common.NewCommonClient(common.NewCredential(id, key), config.Region, p)
}

func learned(client *common.Client, made *answer) (steps.Facts, error) {
	now, err := status(client, made.Response.FlowId)
	return steps.Facts{"flow_id": made.Response.FlowId, "status": now, "request_id": made.Response.RequestId}, err
}

// backup makes one on an instance of its own and asks once for its flow, by the same kind of request.
func backup(h how, instance int, name string) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		client, made := h.client(h.profile()), newAnswer()
		if err := client.Send(newCreate(config.Instances[instance], name), made); err != nil {
			return nil, err
		}
		return learned(client, made)
	}
}

func untyped(instance int) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		client, made := how{}.client(how{}.profile()), newAnswer()
		err := commonCall(client, "CreateBackup", map[string]interface{}{
			"InstanceId": config.Instances[instance], "Strategy": 1, "DBNames": config.Databases,
			"BackupName": config.BackupName + "common", "StorageStrategy": 0,
		}, made)
		if err != nil {
			return nil, err
		}
		return learned(client, made)
	}
}

func settings(instance int) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		var answer databaseSettings
		params := map[string]interface{}{"InstanceId": config.Instances[instance]}
		err := commonCall(how{}.client(how{}.profile()), "DescribeDBsNormal", params, &answer)
		if err != nil {
			return nil, err
		}
		return steps.Facts{"total": *answer.Response.TotalCount, "databases": answer.Response.DBList}, nil
	}
}

func done(instance int) func() (steps.Facts, error) {
	return func() (steps.Facts, error) {
		client, made := how{}.client(how{}.profile()), newAnswer()
		if err := client.Send(newCreate(config.Instances[instance], "done"), made); err != nil {
			return nil, err
		}
		seen, err := config.Poll(func() (int64, error) { return status(client, made.Response.FlowId) })
		return steps.Facts{"statuses": seen}, err
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
		return refused(h.client(h.profile()).Send(newCreate(instance, "failing"), newAnswer()))
	}
}

// passed is nil for a call that the rate limit let through to the product.
func passed(client *common.Client) error {
	err := client.Send(newCreate(config.Unknown, "limit"), newAnswer())
	var sdk *sdkerrors.TencentCloudSDKError
	if errors.As(err, &sdk) && sdk.GetCode() == "ResourceNotFound.InstanceNotFound" {
		return nil
	}
	return err
}

func limit() (steps.Facts, error) {
	h := how{burst: true, language: "en-US"}
	client := h.client(h.profile())
	calls, err := steps.Burst(60, func() error { return passed(client) })
	facts, err := refused(err)
	if err == nil {
		facts["calls"] = calls
	}
	return facts, err
}

var errRetried = errors.New("a refused call was sent again and passed")

// retried lets the SDK's own retry carry calls over the limit: it waits and sends the same bytes again.
func retried() (steps.Facts, error) {
	h := how{burst: true}
	p, waits := h.profile(), 0
	p.RateLimitExceededMaxRetries = 3
	p.RateLimitExceededRetryDuration = func(int) time.Duration {
		waits++
		return 1100 * time.Millisecond
	}
	client := h.client(p)
	calls, err := steps.Burst(60, func() error {
		if err := passed(client); err != nil || waits == 0 {
			return err
		}
		return errRetried
	})
	if !errors.Is(err, errRetried) {
		return nil, fmt.Errorf("no retry in %d calls: %v", calls, err)
	}
	return steps.Facts{"calls": calls, "waits": waits}, nil
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
		{Name: "create.gateway", Do: backup(how{gateway: true}, 7, "gateway")},
		{Name: "create.common", Do: untyped(8)},
		{Name: "flow.done", Do: done(9)},
		{Name: "databases.settings", Do: settings(10)},
		{Name: "not_found.default", Do: failing(how{}, config.Unknown)},
		{Name: "not_found.en", Do: failing(how{language: "en-US"}, config.Unknown)},
		{Name: "not_found.zh", Do: failing(how{language: "zh-CN"}, config.Unknown)},
		{Name: "signature.en", Do: failing(how{language: "en-US", key: wrong}, config.Instances[0])},
		{Name: "signature.zh", Do: failing(how{language: "zh-CN", key: wrong}, config.Instances[0])},
		{Name: "signature.v1", Do: failing(how{language: "en-US", key: wrong, sign: "HmacSHA256"}, config.Instances[0])},
		{Name: "limit.refused", Do: limit},
		{Name: "limit.retried", Do: retried},
	})
}
