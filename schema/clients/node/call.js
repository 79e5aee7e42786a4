const { {product_name} } = require("tencentcloud-sdk-nodejs-{product_name}");

const client = new {product_name}.{product_package}.Client({
  credential: { secretId: "{secret_id}", secretKey: "{secret_key}" },
  region: "{region}",
  profile: { httpProfile: { protocol: "{scheme}://", endpoint: "{host_port}" } },
});

client.{action}({params}).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
