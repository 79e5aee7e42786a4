package main

import (
	"encoding/json"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

const service, version = "sqlserver", "2018-03-28"

// createBackup is a request in the form that the core flattens for GET and for version 1 signatures; its own CommonRequest
// sends no parameters there.
type createBackup struct {
	*tchttp.BaseRequest
	InstanceId      *string   `json:"InstanceId,omitempty" name:"InstanceId"`
	Strategy        *int64    `json:"Strategy,omitempty" name:"Strategy"`
	DBNames         []*string `json:"DBNames,omitempty" name:"DBNames"`
	BackupName      *string   `json:"BackupName,omitempty" name:"BackupName"`
	StorageStrategy *int64    `json:"StorageStrategy,omitempty" name:"StorageStrategy"`
}

type describeFlowStatus struct {
	*tchttp.BaseRequest
	FlowId *int64 `json:"FlowId,omitempty" name:"FlowId"`
}

// answer holds the fields of both actions.
type answer struct {
	*tchttp.BaseResponse
	Response struct {
		FlowId    int64  `json:"FlowId"`
		Status    int64  `json:"Status"`
		RequestId string `json:"RequestId"`
	} `json:"Response"`
}

func base(action string) *tchttp.BaseRequest {
	request := &tchttp.BaseRequest{}
	request.Init().WithApiInfo(service, version, action)
	return request
}

func newAnswer() *answer { return &answer{BaseResponse: &tchttp.BaseResponse{}} }

func newCreate(instance, name string) *createBackup {
	return &createBackup{
		BaseRequest:     base("CreateBackup"),
		InstanceId:      common.StringPtr(instance),
		Strategy:        common.Int64Ptr(1),
		DBNames:         common.StringPtrs(config.Databases),
		BackupName:      common.StringPtr(config.BackupName + name),
		StorageStrategy: common.Int64Ptr(1),
	}
}

func status(client *common.Client, flow int64) (int64, error) {
	request := &describeFlowStatus{BaseRequest: base("DescribeFlowStatus"), FlowId: common.Int64Ptr(flow)}
	response := newAnswer()
	err := client.Send(request, response)
	return response.Response.Status, err
}

// commonCall is one by the core's untyped request and response, as most users of the core write it. It decodes into answer.
func commonCall(client *common.Client, action string, params map[string]interface{}, answer interface{}) error {
	request := tchttp.NewCommonRequest(service, version, action)
	if err := request.SetActionParameters(params); err != nil {
		return err
	}
	response := tchttp.NewCommonResponse()
	if err := client.Send(request, response); err != nil {
		return err
	}
	return json.Unmarshal(response.GetBody(), answer)
}

// databaseSettings is the answer of DescribeDBsNormal with the types of today's typed client: each field of a database is a
// pointer to a text, and nothing but a text decodes into it.
type databaseSettings struct {
	Response struct {
		TotalCount *int64
		DBList     []map[string]*string
		RequestId  *string
	}
}
