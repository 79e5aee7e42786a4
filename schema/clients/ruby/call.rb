require 'json'
require 'tencentcloud-sdk-common'
require 'tencentcloud-sdk-sqlserver'

who = TencentCloud::Common::Credential.new('{secret_id}', '{secret_key}')
profile = TencentCloud::Common::ClientProfile.new
profile.http_profile = TencentCloud::Common::HttpProfile.new('http', 'sqlserver.tencentcloudapi.com')
client = TencentCloud::Sqlserver::V20180328::Client.new(who, '{region}', profile)

request = TencentCloud::Sqlserver::V20180328::{action}Request.new
request.deserialize(JSON.parse({params_single}))
puts JSON.generate(client.{action}(request).serialize)
