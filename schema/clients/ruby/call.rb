require 'json'
require 'tencentcloud-sdk-common'
require 'tencentcloud-sdk-{product_name}'

who = TencentCloud::Common::Credential.new('{secret_id}', '{secret_key}')
profile = TencentCloud::Common::ClientProfile.new
profile.http_profile = TencentCloud::Common::HttpProfile.new('http', '{product_name}.tencentcloudapi.com')
client = TencentCloud::{product_class}::{product_namespace}::Client.new(who, '{region}', profile)

request = TencentCloud::{product_class}::{product_namespace}::{action}Request.new
request.deserialize(JSON.parse({params_single}))
puts JSON.generate(client.{action}(request).serialize)
