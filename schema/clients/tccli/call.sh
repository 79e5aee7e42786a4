tccli {product_name} {action} --endpoint {endpoint} \
    --secretId {secret_id} --secretKey {secret_key} \
    --region {region}{params_flags}
