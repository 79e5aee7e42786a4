"""Proves that docs/clients.md is what schema/clients says, that it names the versions that the tests pin, and that a recipe which
cannot be filled is refused with its file."""
import json
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "schema"))

import gen  # noqa: E402

RENEW = "python3 schema/gen.py --clients docs/clients.md"
PINS = {"python": "requirements.txt", "tccli": "requirements-tccli.txt", "go": "sdk/go/typed/go.mod",
        "node": "sdk/node/package.json", "java": "sdk/java/pom.xml"}


@pytest.fixture
def schema(tmp_path):
    """A copy of the schema, to be broken."""
    return pathlib.Path(shutil.copytree(ROOT / "schema", tmp_path / "schema"))


def row(client):
    """The recipe with the words of the product in place."""
    return next(r.row for r in gen.load(ROOT / "schema").clients.recipes if r.name == client)


def edit_recipe(schema, client, change):
    path = schema / "clients" / client / "recipe.json"
    recipe = json.loads(path.read_text())
    change(recipe)
    path.write_text(json.dumps(recipe))


def refused(schema, capsys):
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    return capsys.readouterr().err


def test_page_is_up_to_date(tmp_path):
    assert gen.main(["--clients", str(tmp_path / "clients.md")]) == 0
    same = (tmp_path / "clients.md").read_text() == (ROOT / "docs/clients.md").read_text()
    assert same, f"docs/clients.md is out of date; renew it with: {RENEW}"


@pytest.mark.parametrize("client", PINS)
def test_page_names_the_versions_that_are_tested(client):
    tested = row(client)["tested"]
    pinned = (ROOT / "tests" / PINS[client]).read_text()
    assert tested["package"] in pinned and tested["version"] in pinned


def test_go_gets_the_package_that_it_imports():
    """A folder above it is a package in no module, and a proxy of modules then finds nothing."""
    package = "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sqlserver/v20180328"
    install = [line.replace("{product_name}", "sqlserver").replace("{product_package}", "v20180328") for line in row("go")["install"]]
    assert f"go get {package}" in install
    program = next(r.program for r in gen.load(ROOT / "schema").clients.recipes if r.name == "go")
    assert f'"{package}"' in program.replace("{product_name}", "sqlserver").replace("{product_package}", "v20180328")


def test_java_shows_the_dependency_that_is_tested():
    words = row("java")["words"]
    for lang in ("en", "zh"):
        block = [line for line in words[lang] if line.startswith("    ")]
        assert len(block) == 4 and f"<version>{row('java')['tested']['version']}</version>" in block[2].strip()


def test_only_clients_with_a_pin_are_called_tested():
    recipes = gen.load(ROOT / "schema").clients.recipes
    assert {r.name for r in recipes if "tested" in r.row} == set(PINS) | {"curl"}  # the machine's own


@pytest.mark.parametrize("client, version", [("php", "SDK_PHP_"), ("dotnet", "SDK_NET_"), ("cpp", "SDK_CPP_"),
                                             ("ruby", "SDK_RUBY_")])
def test_page_names_the_versions_that_are_replayed(client, version):
    assert version + row(client)["replayed"] in (ROOT / "tests/sdk/replay.py").read_text()


def test_unknown_value_in_a_program(schema, capsys):
    program = schema / "clients/go/main.go"
    program.write_text(program.read_text() + "// {endpont}\n")
    assert "clients/go/main.go: there is no value {endpont}" in refused(schema, capsys)


def test_unknown_value_in_the_words(schema, capsys):
    edit_recipe(schema, "ruby", lambda recipe: recipe["tls"].update(zh=["{certificate}"]))
    assert "clients/ruby/recipe.json: there is no value {certificate}" in refused(schema, capsys)


def test_missing_program(schema, capsys):
    (schema / "clients/php/call.php").unlink()
    assert "clients/php/recipe.json: file: there is no call.php" in refused(schema, capsys)


def test_missing_key(schema, capsys):
    edit_recipe(schema, "java", lambda recipe: recipe.pop("comment"))
    assert "clients/java/recipe.json: lacks comment" in refused(schema, capsys)


def test_folder_that_is_not_listed(schema, capsys):
    shutil.copytree(schema / "clients/php", schema / "clients/perl")
    assert "clients/_clients.json: order must name the folders" in refused(schema, capsys)


@pytest.mark.parametrize("client, part, needed", [
    ("php", "tls", ["openssl.cafile={ca_file}", "SSL_CERT_FILE={ca_file}", "`curl.cainfo`"]), ("dotnet", "tls", ["cert-sync {ca_file}", "`localhost`"]),
    ("cpp", "install", ["libcurl4-openssl-dev", "libssl-dev", "uuid-dev", "./build.sh build &&", "sudo ldconfig"])])
def test_a_recipe_names_what_the_client_was_seen_to_need(client, part, needed):
    text = row(client)[part]
    for said in text.values() if isinstance(text, dict) else [text]:
        assert [each for each in needed if each not in " ".join(said)] == []
