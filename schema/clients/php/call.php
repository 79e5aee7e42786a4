require __DIR__ . "/vendor/autoload.php";

use TencentCloud\Common\Credential;
use TencentCloud\Common\Profile\ClientProfile;
use TencentCloud\Common\Profile\HttpProfile;
use TencentCloud\{product.class}\{product.namespace}\Models\{action}Request;
use TencentCloud\{product.class}\{product.namespace}\{product.class}Client;

$profile = new ClientProfile();
$profile->setHttpProfile(new HttpProfile("{scheme}://", "{host_port}"));
$who = new Credential('{secret_id}', '{secret_key}');
$client = new {product.class}Client($who, "{region}", $profile);

$request = new {action}Request();
$request->fromJsonString({params_single});
echo $client->{action}($request)->toJsonString(), "\n";
