"""A second virga that stands for the cloud: with TLS and --strict, and a credential that only the tests know."""
import json
import socket
import ssl
import urllib.parse

import command
import harness

SECRET_ID, SECRET_KEY = "AKIDvirgaStandsForTheCloud00000000001", "virgaStandsForTheCloudSecret0001"
WORLDS = harness.ROOT / "tests" / "api" / "worlds"


def world_of(name):
    """A world of tests/api/worlds with the cloud's credential on its first account, beside those that it has."""
    world = json.loads((WORLDS / f"{name}.json").read_text())
    account = world["accounts"][0]
    account["credentials"] = [{"secret_id": SECRET_ID, "secret_key": SECRET_KEY}]
    return world


class Cloud(harness.Virga):
    def __init__(self, ca_dir, *options, **more):
        super().__init__("--tls-port", "0", "--ca-dir", str(ca_dir), "--strict", *options, **more)
        self.connection = self.stream = None

    def start(self):
        super().start()
        self.port = urllib.parse.urlsplit(self.endpoints["tls_endpoint"]).port
        self.context = ssl.create_default_context(cafile=self.endpoints["ca_file"])
        return self

    def send(self, data):
        """As the harness does, but over TLS, since with --strict the plain port takes no calls; on one connection."""
        if not self.connection:
            plain = socket.create_connection((self.host, self.port), timeout=harness.ANSWER_SECONDS)
            self.connection = self.context.wrap_socket(plain, server_hostname=self.host)
            self.stream = self.connection.makefile("rb")
        self.connection.sendall(data)
        answer = harness.read_answer(self.stream)
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self):
        if self.connection:
            self.stream.close()
            self.connection.close()
        self.connection = self.stream = None

    def __exit__(self, *error):
        self.close()
        super().__exit__(*error)

    @property
    def options(self):
        """The options with which a subcommand reaches it."""
        return ["--upstream", self.endpoints["tls_endpoint"], "--ca", self.endpoints["ca_file"]]

    def calls(self):
        """The actions that have arrived, in their order."""
        return [call["action"] for call in json.loads(command.of(self)("requests", "--json", "--limit", "1000").stdout)["requests"]][::-1]


def run(cloud, *words, **more):
    """A subcommand that calls the cloud, with its credential where the official clients have it."""
    env = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY, "HOME": str(harness.IMPOSSIBLE)} | more
    return command.run(*words, *cloud.options, **env)
