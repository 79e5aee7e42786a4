set -eu
body='{params}'
now=$(date +%s)
day=$(date -u +%Y-%m-%d)

hash() { openssl dgst -sha256 -hex | sed 's/.* //'; }
hmac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -hex | sed 's/.* //'; }

canonical=$(printf 'POST\n/\n\ncontent-type:application/json\nhost:{host_port}\n\ncontent-type;host\n%s' \
    "$(printf %s "$body" | hash)")
scope=$day/{product_name}/tc3_request
text=$(printf 'TC3-HMAC-SHA256\n%s\n%s\n%s' "$now" "$scope" "$(printf %s "$canonical" | hash)")

key=$(printf 'TC3%s' '{secret_key}' | od -An -v -tx1 | tr -d ' \n')
for word in "$day" {product_name} tc3_request; do
    key=$(printf %s "$word" | hmac "$key")
done
signature=$(printf %s "$text" | hmac "$key")

curl --silent --show-error '{endpoint}/' \
    -H 'Content-Type: application/json' \
    -H "Authorization: TC3-HMAC-SHA256 Credential={secret_id}/$scope, SignedHeaders=content-type;host, Signature=$signature" \
    -H 'X-TC-Action: {action}' -H 'X-TC-Version: {product_version}' -H 'X-TC-Region: {region}' \
    -H "X-TC-Timestamp: $now" \
    --data-binary "$body"
echo
