module virga.test/example

go 1.19

require (
	example.com/virga/virga/packaging/go v0.1.0
	github.com/tencentcloud/tencentcloud-sdk-go v1.0.162
)
