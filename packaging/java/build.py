#!/usr/bin/env python3
"""Writes the Java artifacts into a folder with the layout of a Maven repository:

    build.py REPOSITORY VERSION extension LIBRARIES
    build.py REPOSITORY VERSION program PLATFORM=PROGRAM...

The first writes `virga-junit5`. LIBRARIES is a folder with the jars that pom.xml names, as this command copies them:

    mvn -f packaging/java dependency:copy-dependencies -DoutputDirectory=LIBRARIES

The second writes `virga-program`, with programs such as linux-x64=build/release/src/virga. VERSION is that of
meson.build; a test gives another one, because Maven's cache keeps what a version once was. The same input gives the same bytes.
"""
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import project  # noqa: E402

SOURCES = HERE / "src/main/java"
POM = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{group}</groupId>
  <artifactId>{artifact}</artifactId>
  <version>{version}</version>
{about}</project>
"""
ABOUT = """  <url>{repository}</url>
  <licenses><license><name>{licence}</name></license></licenses>
"""


def jar(files):
    """`files` maps a path in the jar to its bytes. The licence is in each jar."""
    files = {**files, "META-INF/LICENSE": (project.ROOT / "LICENSE").read_bytes()}
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        file.seek(0)
        return file.read()


def tree(folder, pattern):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob(pattern)}


def compiled(libraries):
    """The class files, for Java 8."""
    with tempfile.TemporaryDirectory() as classes:
        sources = [str(path) for path in sorted(SOURCES.rglob("*.java"))]
        subprocess.run(["javac", "-J-XX:TieredStopAtLevel=1", "--release", "8", "-Xlint:all,-options", "-Werror",
                        "-encoding", "UTF-8", "-cp", f"{libraries}/*", "-d", classes, *sources], check=True)
        return tree(pathlib.Path(classes), "*.class")


def publish(repository, artifact, version, pom, **jars):
    """`jars` maps a classifier, or `main`, to the bytes of a jar."""
    folder = pathlib.Path(repository, *project.maven_group().split("."), artifact, version)
    folder.mkdir(parents=True, exist_ok=True)
    files = {".pom": pom.encode()} | {(".jar" if name == "main" else f"-{name}.jar"): data for name, data in jars.items()}
    for suffix, data in files.items():
        path = folder / f"{artifact}-{version}{suffix}"
        path.write_bytes(data)
        path.with_name(path.name + ".sha1").write_text(hashlib.sha1(data).hexdigest())


def about():
    """The lines of a pom that say what Maven Central asks for."""
    return ABOUT.format(repository=project.PROJECT["repository"], licence=project.PROJECT["licence"])


def extension(repository, version, libraries):
    pom = (HERE / "pom.xml").read_text().replace("<version>0</version>\n", f"<version>{version}</version>\n{about()}", 1)
    publish(repository, "virga-junit5", version, pom, main=jar(compiled(libraries)), sources=jar(tree(SOURCES, "*.java")))


def program(repository, version, *programs):
    resources = {}
    for platform, path in (p.split("=", 1) for p in programs):
        resources[f"virga/{platform}/virga"] = pathlib.Path(path).read_bytes()
    pom = POM.format(group=project.maven_group(), artifact="virga-program", version=version, about=about())
    publish(repository, "virga-program", version, pom, main=jar(resources))


if __name__ == "__main__":
    {"extension": extension, "program": program}[sys.argv[3]](sys.argv[1], sys.argv[2], *sys.argv[4:])
