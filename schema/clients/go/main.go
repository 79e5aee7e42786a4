package main

import (
	"fmt"
	"log"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	{product_name} "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/{product_name}/{product_package}"
)

func main() {
	how := profile.NewClientProfile()
	how.HttpProfile.Scheme, how.HttpProfile.Endpoint = "{scheme}", "{host_port}"
	who := common.NewCredential("{secret_id}", "{secret_key}")
	client, err := {product_name}.NewClient(who, "{region}", how)
	if err != nil {
		log.Fatal(err)
	}

	request := {product_name}.New{action}Request()
	if err := request.FromJsonString(`{params}`); err != nil {
		log.Fatal(err)
	}
	answer, err := client.{action}(request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.ToJsonString())
}
