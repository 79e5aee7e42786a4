<?php
// The classes of the SDK that a generated program names, and no more. A call returns its own parameters.

namespace TencentCloud\Common {
    class Credential { function __construct($secretId, $secretKey) {} }
}

namespace TencentCloud\Common\Profile {
    class HttpProfile { function __construct($protocol, $endpoint) {} }
    class ClientProfile { function setHttpProfile(HttpProfile $profile) {} }
}

namespace TencentCloud\Sqlserver\V20180328\Models {
    class CreateBackupRequest
    {
        private $json;
        function fromJsonString($json) { $this->json = $json; }
        function toJsonString() { return $this->json; }
    }
}

namespace TencentCloud\Sqlserver\V20180328 {
    class SqlserverClient
    {
        function __construct($credential, $region, $profile) {}
        function CreateBackup(Models\CreateBackupRequest $request) { return $request; }
    }
}
