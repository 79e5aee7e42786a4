module virga.test/sdk/typed

go 1.19

require (
	github.com/tencentcloud/tencentcloud-sdk-go v1.0.162
	virga.test/sdk/steps v0.0.0
)

replace virga.test/sdk/steps => ../steps
