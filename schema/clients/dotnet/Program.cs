using System;
using TencentCloud.Common;
using TencentCloud.Common.Profile;
using TencentCloud.{product_class}.{product_namespace};
using TencentCloud.{product_class}.{product_namespace}.Models;

var http = new HttpProfile { Protocol = "{scheme}://", Endpoint = "{host_port}" };
var who = new Credential { SecretId = "{secret_id}", SecretKey = "{secret_key}" };
var client = new {product_class}Client(who, "{region}", new ClientProfile { HttpProfile = http });

var request = AbstractModel.FromJsonString<{action}Request>(
    {params_double});
Console.WriteLine(AbstractModel.ToJsonString(client.{action}Sync(request)));
