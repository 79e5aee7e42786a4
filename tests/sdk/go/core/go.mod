module virga.test/sdk/core

go 1.19

require (
	github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common v1.3.210
	virga.test/sdk/steps v0.0.0
)

replace virga.test/sdk/steps => ../steps
