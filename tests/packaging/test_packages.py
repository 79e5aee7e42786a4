"""What the packages contain, without nfpm: the files that are staged and the description. check_packages.sh installs them."""
import gzip
import os
import pathlib
import re
import subprocess
import sys

import pytest

import harness

ROOT = harness.ROOT
NFPM = ROOT / "packaging/nfpm"
SCRIPTS = [*NFPM.glob("*.sh"), *pathlib.Path(__file__).parent.glob("*.sh"), ROOT / "tools/package"]


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """The folder with the files of a package, made for version 9.8.7."""
    out = tmp_path_factory.mktemp("packages")
    subprocess.run([sys.executable, NFPM / "packages.py", "--program", harness.binary(), "--out", out, "--version", "9.8.7"],
                   env={**os.environ, "SOURCE_DATE_EPOCH": "86400"}, check=True)
    return next(out.glob("stage-*"))


def test_every_file_of_the_description_exists(staged):
    text = (staged / "nfpm.yaml").read_text()
    paths = re.findall(r'(?:src|postinstall|postupgrade|preremove|postremove): "([^"]+)"', text)
    assert len(paths) > 20
    assert [path for path in paths if not os.path.exists(path)] == []


def test_every_name_of_the_template_is_replaced(staged):
    assert re.findall(r"@\w+@", (staged / "nfpm.yaml").read_text()) == []
    assert "ExecStart=/usr/bin/virga serve\n" in (staged / "virga.service").read_text()


def test_the_changelog_has_the_version_and_the_time(staged):
    text = gzip.decompress((staged / "changelog.Debian.gz").read_bytes()).decode()
    assert text.startswith("virga (9.8.7-1) ") and text.endswith("Fri, 02 Jan 1970 00:00:00 +0000\n")


def test_all_files_have_the_time(staged):
    assert {path.stat().st_mtime for path in staged.rglob("*") if path.name != "nfpm.yaml" and path.is_file()} == {86400.0}


def test_the_manual_page_is_that_of_the_program(staged):
    page = gzip.decompress((staged / "virga.1.gz").read_bytes()).decode()
    printed = subprocess.run([harness.binary(), "man"], capture_output=True, text=True, check=True).stdout
    assert page.replace("9.8.7", "VERSION") == re.sub(r"\b\d+\.\d+\.\d+\b", "VERSION", printed, count=1)


def test_every_variable_of_the_settings_is_an_option():
    serve = subprocess.run([harness.binary(), "serve", "--help"], capture_output=True, text=True, check=True).stdout
    options = {"VIRGA_" + name.upper().replace("-", "_") for name in re.findall(r"^  --([a-z-]+)", serve, re.M)}
    assert set(re.findall(r"^#?(VIRGA_\w+)=", (NFPM / "virga.env").read_text(), re.M)) - options == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_shell_understands_the_script(script):
    subprocess.run(["sh", "-n", script], check=True)


@pytest.mark.parametrize("content, sentence", [(b"#!/bin/sh\n", "not a Linux program"),
                                               (b"\x7fELF\x02\x01" + bytes(12) + b"\x28\x00", "not a Linux program")])
def test_another_file_than_a_program_is_rejected(tmp_path, content, sentence):
    (tmp_path / "virga").write_bytes(content)
    run = subprocess.run([sys.executable, NFPM / "packages.py", "--program", tmp_path / "virga", "--out", tmp_path],
                         capture_output=True, text=True)
    assert run.returncode == 1 and sentence in run.stderr


# --- meson install --------------------------------------------------------------------------------------------------

INSTALLED = {"bin/virga", "share/man/man1/virga.1", "share/bash-completion/completions/virga.bash", "share/zsh/site-functions/_virga",
             "share/fish/vendor_completions.d/virga.fish"}


def test_meson_installs_below_destdir_and_uninstalls(tmp_path):
    build = pathlib.Path(harness.binary()).resolve().parents[1]
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", tmp_path], check=True)
    found = {path.relative_to(tmp_path / "usr/local").as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == INSTALLED
    subprocess.run(["ninja", "-C", build, "uninstall"], check=True, capture_output=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_meson_installs_the_unit_where_the_option_says(tmp_path):
    subprocess.run(["meson", "setup", tmp_path / "build", ROOT, "-Dtests=false", "--prefix=/opt/virga",
                    "-Dsystemd_unit_dir=/usr/lib/systemd/system"], check=True, capture_output=True)
    plan = subprocess.run(["meson", "introspect", "--installed", tmp_path / "build"], check=True, capture_output=True, text=True).stdout
    assert '"/usr/lib/systemd/system/virga.service"' in plan
    assert "ExecStart=/opt/virga/bin/virga serve\n" in (tmp_path / "build/virga.service").read_text()
