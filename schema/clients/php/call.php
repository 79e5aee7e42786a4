require __DIR__ . "/vendor/autoload.php";

use TencentCloud\Common\Credential;
use TencentCloud\Common\Profile\ClientProfile;
use TencentCloud\Common\Profile\HttpProfile;
use TencentCloud\{product_class}\{product_namespace}\Models\{action}Request;
use TencentCloud\{product_class}\{product_namespace}\{product_class}Client;

$profile = new ClientProfile();
$profile->setHttpProfile(new HttpProfile("{scheme}://", "{host_port}"));
$who = new Credential('{secret_id}', '{secret_key}');
$client = new {product_class}Client($who, "{region}", $profile);

$request = new {action}Request();
$request->fromJsonString({params_single});
echo $client->{action}($request)->toJsonString(), "\n";
