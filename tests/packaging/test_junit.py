"""The JUnit 5 extension: the example gets it from a folder that is a Maven repository."""
import os
import re
import shutil
import sys

import examples
import pytest
import suite

JAVA = examples.ROOT / "packaging/java"
EXAMPLE = examples.EXAMPLES / "java"
MORE = examples.HERE / "java"  # a test class that shows what the example does not
LAUNCHER = "org.junit.platform:junit-platform-console-standalone:1.10.2"
# The launcher has these itself.
IN_LAUNCHER = "org.junit.jupiter,org.junit.platform,org.opentest4j,org.apiguardian"
SETTINGS = """<settings><profiles><profile><id>virga</id><repositories><repository>
<id>virga</id><url>file://{repository}</url>
</repository></repositories></profile></profiles><activeProfiles><activeProfile>virga</activeProfile></activeProfiles></settings>
"""
QUICK = "-XX:TieredStopAtLevel=1"  # these programs end before a better compilation pays
TESTS = 6


def maven(directory, *arguments):
    """One at a time, with that of the SDK's own tests too: Maven does not protect its cache from a second one."""
    with suite.locked(suite.build_root() / "java.lock"):
        examples.check(["mvn", "-q", "-B", *arguments], directory, MAVEN_OPTS=f"{QUICK} -XX:+UseSerialGC")


def publish(repository, *arguments):
    suite.execute([sys.executable, str(JAVA / "build.py"), str(repository), *arguments], examples.ROOT)


def make_libraries(directory):
    maven(directory, "-f", str(JAVA / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={directory}")


def libraries():
    """The folder with what the extension is compiled with."""
    return suite.build("java-libraries", [JAVA / "pom.xml"], ["javac", "-version"], make_libraries)


def make(directory):
    for part in ("lib", "classes", "repository"):  # no older version may stay on the class path
        shutil.rmtree(directory / part, ignore_errors=True)
    repository, version = directory / "repository", examples.test_version(JAVA)
    publish(repository, version, "extension", str(libraries()))
    (directory / "settings.xml").write_text(SETTINGS.format(repository=repository))
    maven(directory, "-f", str(EXAMPLE / "pom.xml"), "-s", "settings.xml", f"-Dvirga.version={version}",
          "dependency:copy-dependencies", f"-DexcludeGroupIds={IN_LAUNCHER}", "dependency:copy", f"-Dartifact={LAUNCHER}",
          f"-DoutputDirectory={directory / 'lib'}")
    sources = [str(path) for path in examples.files(EXAMPLE / "src", MORE)]
    suite.execute(["javac", f"-J{QUICK}", "--release", "8", "-Xlint:-options", "-encoding", "UTF-8", "-cp", f"{directory / 'lib'}/*",
                   "-d", str(directory / "classes"), *sources], directory)


@pytest.fixture(scope="module")
def built():
    suite.need("javac", "mvn")
    return suite.build("java-junit", [*examples.files(JAVA, EXAMPLE, MORE), examples.ROOT / "meson.build"], ["javac", "-version"], make)


def run(built, test_class, *jars, **variables):
    """Runs the tests of a class: (exit code, everything that was printed)."""
    path = os.pathsep.join([str(built / "classes"), f"{built / 'lib'}/*", *jars])
    return examples.run(["java", QUICK, "-cp", path, "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-ansi-colors",
                         "--disable-banner", f"--select-class={test_class}"], built, **variables)


def test_example(built):
    code, printed = run(built, "example.BackupsTest", VIRGA_BIN=examples.server())
    assert code == 0 and re.search(rf"\b{TESTS} tests successful", printed), printed


def test_what_the_example_does_not_show(built, tmp_path):
    """With the program from its artifact, without VIRGA_BIN. The one test that is to fail shows why its call was rejected."""
    publish(tmp_path, "0", "program", f"linux-x64={examples.program()}", f"linux-arm64={examples.program()}")
    [jar] = tmp_path.rglob("virga-program-0.jar")
    code, printed = run(built, "MoreTest", str(jar))
    assert code == 1 and re.search(r"\b1 tests failed", printed) and re.search(r"\b6 tests successful", printed), printed
    assert re.search(r"virga = .*CreateBackup => ResourceNotFound\.InstanceNotFound \(.*mssql-nosuchin", printed), printed


def test_repository(built, tmp_path):
    """The same input gives the same bytes."""
    publish(tmp_path, examples.test_version(JAVA), "extension", str(libraries()))
    again, first = ({path.relative_to(folder): path.read_bytes() for path in examples.files(folder)}
                    for folder in (tmp_path, built / "repository"))
    assert len(again) == 6 and again == first
