"""The SDK for Java works against virga unmodified, although it takes the scope's service from the endpoint."""
import os
import shutil

import pytest
import suite

JAVA = suite.HERE / "java"
STORE_PASSWORD = "changeit"  # Java refuses a store without a password; the store has no secret
STEPS = ["create.tc3_post", "create.tc3_get", "create.unsigned", "create.sha1_post", "create.sha1_get",
         "create.sha256_post", "create.sha256_get", "create.localhost", "flow.done", "instance", "not_found.default", "not_found.en",
         "not_found.zh", "signature.en", "signature.zh", "signature.v1", "limit.refused", "limit.retried"]


def make(directory):
    for part in ("lib", "classes"):  # no older version may stay on the class path
        shutil.rmtree(directory / part, ignore_errors=True)
    suite.execute(["mvn", "-q", "-B", "-f", str(JAVA / "pom.xml"), "dependency:copy-dependencies",
                   f"-DoutputDirectory={directory / 'lib'}"], directory)
    sources = [str(p) for p in JAVA.glob("*.java")]
    suite.execute(["javac", "-encoding", "UTF-8", "-cp", str(directory / "lib" / "*"), "-d", str(directory / "classes"),
                   *sources], directory)


def trust(virga, directory):
    """The options with which Java trusts the certificate of the server. It needs a store in its own format, not a PEM file."""
    if suite.ca_file(virga) is None:
        return []
    store = directory / "trust.p12"
    store.unlink(missing_ok=True)
    suite.execute(["keytool", "-importcert", "-noprompt", "-alias", "virga", "-file", suite.ca_file(virga),
                   "-keystore", str(store), "-storetype", "PKCS12", "-storepass", STORE_PASSWORD], directory)
    return [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"]


@pytest.fixture(scope="module")
def printed(sdk_virga):
    suite.need("javac", "mvn")
    directory = suite.build("java", list(JAVA.iterdir()), ["javac", "-version"], make)
    path = os.pathsep.join([str(directory / "classes"), str(directory / "lib" / "*")])
    return suite.run(sdk_virga, "java", ["java", *trust(sdk_virga, directory), "-XX:TieredStopAtLevel=1", "-cp", path, "Main"])


@pytest.mark.parametrize("step", STEPS)
def test_java(printed, step):
    suite.check(printed, step, default_language="en")


def test_every_step_is_checked(printed):
    assert set(printed) == {None, *STEPS}
