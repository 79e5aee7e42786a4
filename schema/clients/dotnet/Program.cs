using System;
using TencentCloud.Common;
using TencentCloud.Common.Profile;
using TencentCloud.Sqlserver.V20180328;
using TencentCloud.Sqlserver.V20180328.Models;

var http = new HttpProfile { Protocol = "{scheme}://", Endpoint = "{host_port}" };
var who = new Credential { SecretId = "{secret_id}", SecretKey = "{secret_key}" };
var client = new SqlserverClient(who, "{region}", new ClientProfile { HttpProfile = http });

var request = AbstractModel.FromJsonString<{action}Request>(
    {params_double});
Console.WriteLine(AbstractModel.ToJsonString(client.{action}Sync(request)));
