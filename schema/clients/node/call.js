const { sqlserver } = require("tencentcloud-sdk-nodejs-sqlserver");

const client = new sqlserver.v20180328.Client({
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
