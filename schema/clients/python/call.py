from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.{product_name}.{product_package} import models, {product_name}_client

http = HttpProfile(protocol="{scheme}", endpoint="{host_port}")
who = credential.Credential("{secret_id}", "{secret_key}")
client = {product_name}_client.{product_class}Client(who, "{region}", ClientProfile(httpProfile=http))

request = models.{action}Request()
request.from_json_string({params_single})
print(client.{action}(request).to_json_string())
