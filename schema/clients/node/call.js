const { {product.name} } = require("tencentcloud-sdk-nodejs-{product.name}");

const client = new {product.name}.{product.package}.Client({
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
