"""Proves that gen.py refuses each kind of broken schema by file and key, writes the same output every time, and makes C that
compiles from every type and rule there is."""

import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest
import schema_files

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "schema"))

import gen  # noqa: E402
from generator import enums, names, rows, sql  # noqa: E402

ASSUMED = {"provenance": "assumed", "why": "a test"}
WARNINGS = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
            "-Wmissing-prototypes", "-Wwrite-strings", "-Werror"]


@pytest.fixture
def schema(tmp_path):
    """A copy of the schema, to be broken."""
    return pathlib.Path(shutil.copytree(ROOT / "schema", tmp_path / "schema"))


def edit(path, change):
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def rule(**keys):
    return {"rule": "present", "code": "InvalidParameter", **ASSUMED, **keys}


def set_in(*path, value):
    """A change that puts `value` at a path of keys and indexes."""
    def change(root):
        for key in path[:-1]:
            root = root[key]
        root[path[-1]] = value
    return change


def drop(*path):
    def change(root):
        for key in path[:-1]:
            root = root[key]
        del root[path[-1]]
    return change


def append(*path, value):
    def change(root):
        for key in path:
            root = root[key]
        root.append(value)
    return change


ACTION, ERRORS = "sqlserver/CreateBackup.json", "errors.json"
OWN_ERRORS, MAGIC, ENUMS, WORLD = (f"sqlserver/_{name}.json" for name in ("errors", "magic", "enums", "world"))
IMPORT = "sqlserver/_import.json"
TYPES, PRODUCT, TABLES = (f"sqlserver/_{name}.json" for name in ("types", "product", "tables"))
FIELD = {"name": "X", "type": "string", "summary": "x"}

BROKEN = [
    (IMPORT, set_in("steps", 0, "action", value="Nothing"), "steps[0]: 'Nothing' is no action that only reads"),
    (IMPORT, set_in("steps", 0, "action", value="CreateBackup"), "steps[0]: 'CreateBackup' is no action that only reads"),
    (IMPORT, set_in("steps", 0, "params", "X", value=1), "steps[0] DescribeDBInstances: there is no parameter 'X'"),
    (IMPORT, set_in("steps", 0, "rows", value="Nothing"), "there is no result 'Nothing'"),
    (IMPORT, set_in("steps", 0, "into", value="nothing"), "WorldRegion has no member 'nothing'"),
    (IMPORT, set_in("steps", 0, "members", "x", value="Name"), "WorldInstance has no member 'x'"),
    (IMPORT, set_in("steps", 0, "members", "name", value="Nothing"), "name: there is no result 'Nothing'"),
    (IMPORT, set_in("steps", 0, "members", "name", value={"from": "Name", "as": "x"}), "'as' must be 'given' or 'number'"),
    (IMPORT, set_in("steps", 0, "steps", 0, "wen", value={}), "'wen' is no key"),
    (IMPORT, set_in("anonymize", "WorldLogin.name", value=""), "is required, so its form cannot be empty"),
    (IMPORT, set_in("anonymize", "WorldLogin.x", value="a#"), "WorldLogin has no member 'x'"),
    (MAGIC, append(value={"instance_id": "mssql-x", "code": "InternalError", "en": "e", "zh": "z"}),
     "_magic.json: mssql-x: must look like an id of the product's resource"),
    (MAGIC, append(value={"instance_id": "mssql-dropconn", "code": "InternalError", "en": "e", "zh": "z"}),
     "_magic.json: mssql-dropconn: the id 'mssql-dropconn' comes twice"),
    (MAGIC, set_in(0, "code", value="Nothing"), "_magic.json: mssql-internal.code: 'Nothing' is not an id of errors.json"),
    (MAGIC, set_in(0, "delay_ms", value=1), "_magic.json: mssql-internal: must have either a code or some of"),
    (MAGIC, drop(0, "code"), "_magic.json: mssql-internal: must have either a code or some of"),
    (MAGIC, set_in(0, "action", value="Nothing"), "_magic.json: mssql-internal.action: there is no action 'Nothing'"),
    (MAGIC, set_in(20, "close", value="before"), "_magic.json: mssql-dropconn.close: can only be 'after_commit'"),
    # file, change, the words that the message must hold
    (ACTION, set_in("colour", value=1), "CreateBackup.json: unknown key 'colour'"),
    (ACTION, set_in("in", 0, "colour", value=1), "CreateBackup.json: in[0]: unknown key 'colour'"),
    (ACTION, set_in("in", 0, "rules", 0, "colour", value=1), "in.InstanceId.rules[0]: unknown key 'colour'"),
    (ACTION, set_in("in", 0, "nullable", value=True), "in[0]: unknown key 'nullable'"),
    (ACTION, set_in("out", 0, "required", value=True), "out[0]: unknown key 'required'"),
    (ACTION, set_in("action", value="Other"), "CreateBackup.json: action: must be the file's name 'CreateBackup'"),
    (ACTION, set_in("region", value="maybe"), "region: must be required or none"),
    (ACTION, set_in("handler", value="yes"), "handler: must be true or false"),
    (ACTION, drop("writes"), "the key 'writes' is missing"),
    (ACTION, drop("domain"), "the key 'domain' is missing"),
    (ACTION, set_in("domain", value="Other"), "CreateBackup.json: domain: must be one of Backup, "),
    (ACTION, set_in("tier", value=4), "CreateBackup.json: tier: must be 1, 2 or 3"),
    (ACTION, drop("errors", 10), "in.InstanceId: a rule answers InvalidParameter.ParamsAssertFailed, which CreateBackup does"),
    (ACTION, drop("summary"), "the key 'summary' is missing"),
    (ACTION, set_in("rate", "per_second", value=True), "rate.per_second: must be a whole number"),
    (ACTION, set_in("rate", "per_second", value=0), "rate.per_second: must be above 0"),
    (ACTION, drop("rate", "source"), "rate: documented needs the key 'source'"),
    (ACTION, drop("rate", "provenance"), "rate.provenance: must be one of"),
    (ACTION, set_in("in", 0, "type", value="text"), "in.InstanceId.type: unknown type 'text'"),
    (ACTION, set_in("in", 0, "type", value="list<list<string>>"), "unknown type 'list<list<string>>'"),
    (ACTION, set_in("in", 0, "type", value="list<bool>"), "a list of bool has no C type"),
    (ACTION, drop("in", 0, "summary"), "in.InstanceId: the key 'summary' is missing"),
    (ACTION, set_in("in", 0, "summary", value="a */ b"), "in.InstanceId.summary: must be one line"),
    (ACTION, append("in", value=FIELD | {"name": "InstanceId"}), "in.InstanceId: the name 'InstanceId' comes twice"),
    (ACTION, append("in", value=FIELD | {"name": "instance_id"}), "the C name 'instance_id' comes twice"),
    (ACTION, set_in("in", 1, "default", value="0"), "in.Strategy.default: '0' is not of type int64"),
    (ACTION, set_in("in", 1, "default", value=True), "in.Strategy.default: True is not of type int64"),
    (ACTION, set_in("in", 1, "required", value=True), "in.Strategy.default: a required parameter has no default"),
    (ACTION, set_in("in", 2, "default", value=[]), "in.DBNames.default: only a single value has a default"),
    (ACTION, set_in("in", 0, "provenance", value="rumour"), "in.InstanceId.provenance: must be one of"),
    (ACTION, set_in("in", 0, "rules", 0, "code", value="No.Such"), "rules[0].code: 'No.Such' is not an id"),
    (ACTION, drop("in", 0, "rules", 0, "code"), "rules[0]: the key 'code' is missing"),
    (ACTION, drop("in", 0, "rules", 0, "why"), "rules[0]: assumed needs the key 'why'"),
    (ACTION, drop("in", 0, "rules", 0, "provenance"), "rules[0].provenance: must be one of"),
    (ACTION, set_in("in", 0, "rules", 0, "rule", value="odd"), "rules[0]: unknown rule 'odd'"),
    (ACTION, append("in", 0, "rules", value=rule(rule="int_range", min=0, max=1)), "int_range does not fit the type string"),
    (ACTION, append("in", 0, "rules", value=rule(rule="count", min=0, max=1)), "count does not fit the type string"),
    (ACTION, append("in", 1, "rules", value=rule(rule="length", min=0, max=1)), "length does not fit the type int64"),
    (ACTION, append("in", 1, "rules", value=rule(rule="int_range", min=2, max=1)), "in.Strategy.rules[1]: min is above max"),
    (ACTION, append("in", 1, "rules", value=rule(rule="int_range", min=2)), "the key 'max' is missing"),
    (ACTION, append("in", 0, "rules", value=rule(rule="length", min=-1, max=1)), "min is below 0"),
    (ACTION, append("in", 0, "rules", value=rule(rule="one_of", values=["a|b"])), "values must be texts without '|'"),
    (ACTION, append("in", 0, "rules", value=rule(rule="one_of", values=[7, 30])), "the values do not fit the type string"),
    (ACTION, append("in", 1, "rules", value=rule(rule="one_of", values=["7"])), "the values do not fit the type int64"),
    (ACTION, append("in", 1, "rules", value=rule(rule="one_of", values=[7, "30"])), "values must be texts without '|', or numbers"),
    (ACTION, append("in", 0, "rules", value=rule(rule="one_of", values=[])), "values must be texts without '|'"),
    (ACTION, append("in", 0, "rules", value=rule(rule="chars", chars="")), "chars must be an ASCII class"),
    (ACTION, append("errors", value={"code": "No.Such", "cause": "x", **ASSUMED}), "errors[18].code: 'No.Such'"),
    (ACTION, append("errors", value={"code": "InternalError", "cause": "x", **ASSUMED}), "'InternalError' comes twice"),
    (ACTION, set_in("errors", 0, value=1), "errors[0]: must be an object"),
    (ACTION, drop("errors", 0, "source"), "errors[0]: documented needs the key 'source'"),
    (ACTION, set_in("examples", 0, "in", "Colour", value=1), "examples[0].in: Colour is not in the schema"),
    (ACTION, set_in("examples", 0, "in", "DBNames", value="db1"), "examples[0].in: DBNames must be an array"),
    (ACTION, set_in("examples", 0, "out", "FlowId", value="1"), "examples[0].out: FlowId is not of type int64"),
    (ERRORS, append(value={"id": "InternalError", "code": "InternalError", "from": "gateway", "en": "a", "zh": "b", **ASSUMED}),
     "errors.json: InternalError: the id 'InternalError' comes twice"),
    (ERRORS, append(value={"id": "Internal.Error", "code": "Internal", "from": "gateway", "en": "a", "zh": "b", **ASSUMED}),
     "errors.json: Internal.Error: the C name 'ERR_INTERNAL_ERROR' comes twice"),
    (ERRORS, set_in(0, "code", value="Other"), "ActionOffline.id: must be the code 'Other'"),
    (ERRORS, set_in(0, "from", value="us"), "ActionOffline.from: must be gateway or product"),
    (ERRORS, set_in(0, "en", value="see {3}"), "ActionOffline.en: arguments are"),
    (ERRORS, set_in(0, "zh_provenance", value="rumour"), "ActionOffline.zh_provenance: must be one of"),
    (ERRORS, drop(0, "zh"), "errors.json[0]: the key 'zh' is missing"),
    (ERRORS, drop(0, "provenance"), "ActionOffline.provenance: must be one of"),
    (PRODUCT, set_in("regions", value=[]), "_product.json.regions: must name regions"),
    (PRODUCT, append("other_regions", value="ap-beijing"), "_product.json.regions: a region comes twice"),
    (PRODUCT, append("other_regions", value="Beijing"), "_product.json.regions: must name regions"),
    (PRODUCT, set_in("regions", 0, "id", value=4), "_product.json.regions: a region comes twice"),
    (PRODUCT, set_in("regions", 0, "name", value="Here"), "_product.json.regions[0]: must name regions"),
    (PRODUCT, set_in("regions", 0, "zones", value=[1, 1]), "_product.json.regions[0].zones: must be different numbers"),
    (PRODUCT, set_in("regions", 0, "zones", value=[0]), "_product.json.regions[0].zones: must be different numbers"),
    (PRODUCT, drop("regions", 0, "title"), "_product.json.regions[0]: the key 'title' is missing"),
    (PRODUCT, drop("regions", 0, "source"), "_product.json.regions[0]: documented needs the key 'source'"),
    (PRODUCT, drop("lookups", 0, "value"), "_product.json: lookups[0]: lacks value"),
    (PRODUCT, append("lookups", 0, "for", value="Nothing"), "_product.json: lookups[0].for: there is no parameter 'Nothing'"),
    (PRODUCT, set_in("lookups", 0, "action", value="Find"), "_product.json: lookups[0].action: there is no action 'Find'"),
    (PRODUCT, set_in("lookups", 0, "in", "Top", value=1), "_product.json: lookups[0].in: DescribeDBInstances has no parameter 'Top'"),
    (PRODUCT, set_in("lookups", 1, "rows", value="DBInstances.Names"), "_product.json: lookups[1].rows: 'Names' is not a list"),
    (PRODUCT, set_in("lookups", 0, "title", value="Names"), "_product.json: lookups[0].title: there is no field 'Names'"),
    (PRODUCT, set_in("specs", 0, "ids", value=[]), "_product.json.specs[0]: must have a version and different ids"),
    (PRODUCT, drop("defaults", "rate"), "_product.json: defaults: the key 'rate' is missing"),
    (PRODUCT, set_in("name", value="mysql"), "_product.json.name: must be the folder's name 'sqlserver'"),
    (TYPES, set_in("Thing", value=[]), "_types.json: Thing: must be an array of fields that is not empty"),
    (TYPES, set_in("thing", value=[FIELD]), "a type's name is CamelCase"),
    (TYPES, set_in("Thing", value=[FIELD | {"type": "Thing"}]), "_types.json: Thing: holds itself outside a list"),
    (TYPES, lambda v: v.update(Tag=[FIELD], TagList=[FIELD]), "TagList: its C name is that of another type's list"),
    (TYPES, set_in("CreateBackupIn", value=[FIELD]), "the C name 'create_backup_in' comes twice"),
    (WORLD, set_in("default", 0, "instances", 0, "colour", value=1), "_world.json: default[0]: instances[0].colour is not in"),
    (WORLD, set_in("types", "WorldTag", value=[]), "world/_types.json: WorldTag: must be an array of fields"),
    ("products.json", append(value="mysql"), "products.json: must name the folders with a _product.json"),
    (OWN_ERRORS, set_in(0, "from", value="product"), "sqlserver/_errors.json[0]: unknown key 'from'"),
    (OWN_ERRORS, set_in(0, "id", value="InternalError"), "_errors.json: InternalError: the id 'InternalError' comes twice"),
    (PRODUCT, set_in("regions", value="mysql"), "_product.json.regions: 'mysql' is no product that products.json names before"),
    (PRODUCT, set_in("resource", "not_found", value="No.Such"), "_product.json: resource.not_found: 'No.Such' is not an id"),
    (PRODUCT, set_in("store_errors", "full", 0, value="No.Such"), "_product.json: store_errors.full: 'No.Such' is not an id"),
    (PRODUCT, set_in("store_errors", "late", value=[]), "_product.json: store_errors.late: must be one of busy,"),
    (PRODUCT, set_in("examples", "region", value="na-toronto"), "_product.json: examples.region: must be a region where"),
    (PRODUCT, set_in("examples", "write", "action", value="Make"), "_product.json: examples.write: there is no action 'Make'"),
    (PRODUCT, set_in("examples", "write", "params", "X", value=1), "_product.json: examples.write: X is not in the schema"),
    ("causes.json", set_in("InvalidAction", "how", "en", value="{product.colour}"), "causes.json: there is no word {product.colour}"),
    ("causes.json", set_in("No.Such", value={}), "causes.json: No.Such: is not a code of the gateway"),
    (ENUMS, set_in("DatabaseEffect", "values", 1, "text", value="copy"), "_enums.json: DatabaseEffect.columns: flow_database.effect allows ['change',"),
    (ENUMS, drop("DatabaseStatus", "values", 0), "DatabaseStatus.columns: database.status allows [-1, 1, 2, 3], the enum has [1, 2, 3]"),
    (ENUMS, drop("InstanceStatus", "values", 6, "stored"), "InstanceStatus.columns: instance.status allows [1, 2,"),
    (ENUMS, set_in("BackupWay", "columns", 0, value="backup.path"), "BackupWay.columns: there is no column backup.path"),
    (ENUMS, set_in("BackupWay", "values", 0, "number", value=1), "BackupWay.values: a number comes twice"),
    (ENUMS, drop("BackupWay", "values", 0, "number"), "BackupWay.values: either all have a number or none"),
    (ENUMS, drop("FlowKind", "values", 0, "default_ms"), "FlowKind.values: either all have default_ms or none"),
    (ENUMS, set_in("FlowKind", "values", 0, "settle", value="a b"), "FlowKind.values[0].settle: must be the name of a C function"),
    (ENUMS, set_in("BackupWay", "values", 0, "name", value="By Hand"), "values[0].name: must be small letters"),
    (TABLES, set_in("price", value={}), "_tables.json: price: a table's name is CamelCase"),
    (TABLES, drop("Price", "why"), "_tables.json: Price: assumed needs the key 'why'"),
    (TABLES, set_in("Price", "columns", 0, "name", value="a b"), "Price.columns[0].name: must be small letters"),
    (TABLES, set_in("Price", "columns", 0, "type", value="text"), "Price.columns[0].type: must be one of string, int64, bool"),
    (TABLES, set_in("Price", "rows", 0, 1, value="1"), "Price.rows[0]: must be string part, int64 month_fen"),
    (TABLES, set_in("Price", "rows", 1, 0, value="core"), "Price.rows[1]: the key ('core',) comes twice"),
    (TABLES, set_in("Price", "rows", value=[]), "_tables.json: Price: must have columns and rows"),
    (ENUMS, drop("BackupWay", "source"), "_enums.json: BackupWay: documented needs the key 'source'"),
    (TYPES, set_in("DBDetail", 0, "value", value="x"), "DBDetail.Name: must have either a column, with select and format, or a value"),
    (TYPES, set_in("DBDetail", 0, "column", value="a b"), "DBDetail.Name.column: must be small letters"),
    (TYPES, set_in("DBDetail", 0, "column", value="remark"), "DBDetail.Remark: the column 'remark' comes twice"),
    (TYPES, set_in("DBDetail", 0, "format", value="date"), "DBDetail.Name.format: must be one of time, time_ms, of a text"),
    (TYPES, set_in("DBDetail", 4, "format", value="time"), "DBDetail.Status.format: must be one of time, time_ms, of a text"),
    (TYPES, set_in("DBDetail", 5, "column", value="a"), "DBDetail.Accounts: a list<AccountPrivilege> is not read from a row"),
    (TYPES, set_in("DBDetail", 0, "select", value="{DatabaseStatus.gone}"), "there is no value {DatabaseStatus.gone} of an enum"),
    (TYPES, set_in("DBInstance", 29, "value", value="1"), "DBInstance.Pid.value: '1' is not of type int64"),
    (WORLD, set_in("types", "WorldTag", 0, "column", value="key"), "WorldTag.key: only fields of a product have column"),
    ("texts.json", set_in("rule.range", "zh", value="{0}"), "texts.json: rule.range: both languages must have the same arguments"),
    ("texts.json", drop("rule.range", "zh"), "texts.json: rule.range: the key 'zh' is missing"),
    ("texts.json", set_in("range", value={"en": "a", "zh": "b"}), "texts.json: range: an id is two words with a dot"),
    ("world/default.json", set_in("accounts", 0, "colour", value=1), "world/default.json: accounts[0].colour is not in"),
    ("world/default.json", drop("accounts", 0, "uin"), "world/default.json: accounts[0].uin is required"),
]


@pytest.mark.parametrize("file, change, message", BROKEN, ids=[b[2] for b in BROKEN])
def test_refuses(schema, capsys, file, change, message):
    edit(schema / file, change)
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("text, message", [
    ("{", "CreateBackup.json: "),
    ("[]", "CreateBackup.json: must be a JSON object"),
    ('{"action": "CreateBackup", "action": "CreateBackup"}', "CreateBackup.json: the key 'action' comes twice"),
])
def test_refuses_text(schema, capsys, text, message):
    (schema / ACTION).write_text(text)
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert message in capsys.readouterr().err


def test_refuses_a_gap_between_migrations(schema, capsys):
    (schema / "sql/900_late.sql").write_text("SELECT 1;")
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert "sql/900_late.sql: the next file must be named 0" in capsys.readouterr().err


def test_refuses_the_name_of_a_step(schema, capsys):
    (schema / "sqlserver/sql/more.sql").write_text("SELECT 1;")
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert "sqlserver/sql/more.sql: must be named NNN_<words>.sql" in capsys.readouterr().err


def tables_of(steps):
    """What SQLite keeps of the steps, in the order of their creation."""
    db = sqlite3.connect(":memory:")
    for _, text in steps:
        db.executescript(text)
    return db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY rowid").fetchall()


def test_released_steps_are_as_they_were():
    """The first step of the state's file and the first two of the journal's were released with 0.1.0: what a file of that version
    holds is what these steps make. The digests are of the release."""
    source = gen.load(ROOT / "schema").source
    for steps, digest in ((source.migrations.steps[:1], "88f1db042d30c86103fadc702deec924"), (source.journal_migrations.steps[:2], "f3bc6fe8e757a62488fe272230d47db0")):
        rows = tables_of(steps)
        assert hashlib.sha256(repr(sorted(map(str, rows))).encode()).hexdigest()[:32] == digest
    names = [name for kind, name, _ in tables_of(source.migrations.steps[:1]) if kind == "table"]
    assert names == ["account", "world_secret", "guest", "instance", "instance_count", "tag", "login", "database", "grants", "flow",
                     "flow_database", "backup"], "the state's document has its tables in this order"


@pytest.mark.parametrize("check, values", [
    ("x IN (-1, 1, 20)", {-1, 1, 20}), ("x BETWEEN 1 AND 4 AND x <> 3", {1, 2, 4}), ("x IS NULL OR x = 'a' OR x = 'b'", {"a", "b"}),
    ("(x = 'a') OR (x = 'b')", {"a", "b"})])
def test_values_that_a_check_allows(check, values):
    text = f"CREATE TABLE t (\n    y TEXT CHECK (y = 'other'), -- x\n    x TEXT NOT NULL CHECK ({check}), -- 'no'\n    z\n) STRICT;"
    assert sql.allowed(text, "t", "x") == values
    assert sql.allowed(text, "t", "z") is None and sql.allowed(text, "u", "x") is None


def test_the_latest_definition_of_a_table_counts():
    text = "".join(f"CREATE TABLE t (\n    x TEXT CHECK (x IN ({n}))\n);\n" for n in (1, 2))
    assert sql.allowed(text, "t", "x") == {2}


def test_a_code_of_one_product_is_no_code_of_another(schema, capsys):
    """Adds a product without tables, whose only action declares a code of sqlserver's."""
    edit(schema / "products.json", append(value="other"))
    row = {"name": "other", "version": "2020-01-01", "title": "O", "title_zh": "O", "source": "s", "regions": "sqlserver",
           "domains": ["D"], "domains_zh": ["D"], "examples": {"region": "ap-guangzhou", "write": {"action": "Do"}, "read": {"action": "Do"}},
           "defaults": {"action_source": "s", "error_source": "s", "region": "none", "rate": {"per_second": 1, **ASSUMED}}}
    action = {"action": "Do", "domain": "D", "tier": 1, "summary": "x", "writes": False, "in": [], "out": [], "errors": []}
    (schema / "other").mkdir()
    for name, value in (("_product", row), ("_types", {}), ("Do", action)):
        (schema / f"other/{name}.json").write_text(json.dumps(value))
    assert gen.main(["--schema", str(schema), "--check"]) == 0, capsys.readouterr().err
    edit(schema / "other/Do.json", append("errors", value="ResourceNotFound.InstanceNotFound"))
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert "'ResourceNotFound.InstanceNotFound' belongs to the product sqlserver" in capsys.readouterr().err


def test_words_of_the_product_are_filled_in(tmp_path):
    gen.main(["--out", str(tmp_path)])
    for path in (tmp_path / "gen").iterdir():
        assert "{product." not in path.read_text()
    assert "virga call DescribeFlowStatus FlowId=1 --secret-key wrong" in (tmp_path / "gen/explain.c").read_text()


def test_the_emulators_files_name_no_product():
    """Their examples are words of the product's, so that another product can be the first."""
    files = [p for pattern in ("*.json", "control/*", "world/*", "clients/*", "clients/*/*", "sql/*.sql") for p in (ROOT / "schema").glob(pattern)]
    for path in files:
        if path.is_file() and path.name != "products.json":
            assert not re.search(r"sqlserver|mssql|CreateBackup|InstanceId", path.read_text(), re.I), path


def test_enums_are_in_the_document_and_in_the_reference(tmp_path):
    gen.main(["--out", str(tmp_path)])
    product = json.loads((tmp_path / "gen/schema.json").read_text())["products"][0]
    enums = {e["name"]: e["values"] for e in product["enums"]}
    assert {"name": "normal", "number": 2, "en": "normal", "zh": "运行中"} in enums["DatabaseStatus"]
    assert "## Enum DatabaseStatus\n" in (tmp_path / "gen/reference.md").read_text()
    assert '#define FLOW_KIND_SQL_AUTOBACKUP "\'autobackup\'"' in (tmp_path / "gen/sqlserver_enums.h").read_text()


def test_shows_every_problem_at_once(schema, capsys):
    edit(schema / ACTION, set_in("colour", value=1))
    edit(schema / PRODUCT, set_in("colour", value=1))
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


def read_all(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_output_depends_on_the_schema_alone(schema, tmp_path, capsys):
    assert gen.main(["--schema", str(schema), "--out", str(tmp_path / "a")]) == 0
    assert gen.main(["--out", str(tmp_path / "b")]) == 0
    assert read_all(tmp_path / "a/gen") == read_all(tmp_path / "b/gen")
    assert gen.main(["--outputs"]) == 0
    assert set(capsys.readouterr().out.split()) == set(read_all(tmp_path / "a/gen"))


def test_leaves_equal_files_alone(tmp_path):
    gen.main(["--out", str(tmp_path)])
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "gen").iterdir()}
    gen.main(["--out", str(tmp_path)])
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "gen").iterdir()}


def test_depfile_names_every_input(schema, tmp_path, capsys):
    gen.main(["--schema", str(schema), "--out", str(tmp_path), "--depfile", str(tmp_path / "d")])
    gen.main(["--schema", str(schema), "--inputs"])
    inputs = capsys.readouterr().out.split()
    assert str(schema / ACTION) in inputs and str(schema / "sqlserver") in inputs
    assert set((tmp_path / "d").read_text().split(": ")[1].split()) == set(inputs)


@pytest.mark.parametrize("wire, c", [
    ("InstanceId", "instance_id"), ("DBNames", "db_names"), ("DBs", "dbs"), ("TDEConfig", "tde_config"), ("IsKMS", "is_kms"),
    ("CMKId", "cmk_id"), ("TgwWanVPort", "tgw_wan_v_port"), ("HAType", "ha_type"), ("FileMD5", "file_md5"), ("QPS", "qps"),
    ("secret_id", "secret_id"), ("Default", "default_"), ("Errno", "errno_"), ("Switch", "switch_"), ("SSLValidityPeriod", "ssl_validity_period"),
])
def test_field_names(wire, c):
    assert names.field_name(wire) == c


def test_struct_names():
    assert names.struct_name("DBInstance") == "db_instance"
    assert names.struct_name("Migration") == "migration_", "src/store/db.h has a struct of that name"


def test_error_names():
    assert names.error_enum("MissingParameter.Header") == "ERR_MISSING_PARAMETER_HEADER"
    assert names.error_enum("ResourceNotFound.DBNotFound") == "ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND"


def test_literals():
    assert names.c_string('a"b\\c\n??=') == '"a\\"b\\\\c\\n\\?\\?="'


def adversarial(schema):
    """Every type, alone and in a list, in and out; objects that hold one another; every rule; nothing at all."""
    words = ["string", "datetime", "int64", "uint64", "bool", "double", "float", "Inner", "Outer"]
    fields = [FIELD | {"name": "One" + w, "type": w} for w in words]
    fields += [FIELD | {"name": "Many" + w, "type": f"list<{w}>"} for w in words if w != "bool"]
    fields += [FIELD | {"name": "default", "type": "string"}]
    rules = [rule(non_empty=True), rule(rule="length", min=1, max=2), rule(rule="chars", chars='"\\-'), rule(rule="time"),
             rule(rule="date"), rule(rule="one_of", values=["a", "b"])]
    every = [FIELD | {"name": "Given", "type": "uint64", "default": 7}, FIELD | {"name": "Ruled", "rules": rules}, FIELD | {"name": "N", "type": "uint64", "rules": [
        rule(rule="int_range", min=-5, max=5), rule(rule="one_of", values=[0, 7])]}, FIELD | {"name": "L", "type": "list<string>", "rules": [
            rule(rule="count", min=1, max=5)]}]
    action = {"domain": "Backup", "tier": 1, "summary": "x", "handler": True, "writes": True, "region": "none",
              "rate": {"per_second": 1, **ASSUMED}, "errors": ["InvalidParameter"]}
    edit(schema / TYPES, lambda v: v.update(
        Inner=[FIELD, FIELD | {"name": "Back", "type": "list<Outer>"}], Outer=[FIELD | {"type": "Inner", "nullable": True}]))
    for name, extra in (("Every", {"in": fields + every, "out": fields}), ("Empty", {"in": [], "out": []}),
                        ("Known", {"in": [], "out": [], "handler": False})):
        (schema / f"sqlserver/{name}.json").write_text(json.dumps({"action": name} | action | extra))


def compiles(compiler, folder):
    for path in sorted((folder / "gen").glob("*.c")):
        done = subprocess.run([compiler, *WARNINGS, f"-I{ROOT / 'src'}", f"-I{folder}", "-fsyntax-only", str(path)],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("change", [lambda schema: None, adversarial], ids=["as it is", "adversarial"])
def test_generated_c_compiles(schema, tmp_path, compiler, change):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    change(schema)
    assert gen.main(["--schema", str(schema), "--out", str(tmp_path)]) == 0
    compiles(compiler, tmp_path)


def action_files():
    return [p for name in json.loads((ROOT / "schema/products.json").read_text()) for p in (ROOT / f"schema/{name}").glob("[A-Z]*.json")]


def test_a_product_has_what_its_schema_says(tmp_path):
    """sqlserver has resources and flows, tag has neither and shares the regions."""
    gen.main(["--out", str(tmp_path)])
    assert "{\n    &product_sqlserver,\n    &product_tag,\n}" in (tmp_path / "gen/products.c").read_text()
    texts = {name: (tmp_path / f"gen/{name}.c").read_text() for name in ("sqlserver", "tag")}
    sqlserver, tag = (text.split("const struct product product_")[1] for text in texts.values())
    for member in ('.param = STR_INIT("InstanceId")', '.id_prefix = STR_INIT("mssql-")', '.flow_field = STR_INIT("FlowId")', ".n_flow_types = ",
                   '.write = {STR_INIT("CreateBackup")', ".hooks = &sqlserver_hooks", ".magic = magic_ids", ".store_errors = store_errors"):
        assert member in sqlserver
    for member in (".resource", ".flow_field", ".flow_types", ".magic"):
        assert member not in tag
    regions = [text.split("struct region regions[] = {")[1].split("};\n")[0] for text in texts.values()]
    assert regions[0] == regions[1]


def product_of(name):
    return next(p for p in gen.load(ROOT / "schema").products if p.name == name)


def test_columns_can_be_selected_from_the_tables_of_the_schema():
    """Each list is prepared against the tables that it names."""
    db = sqlite3.connect(":memory:")
    for _, text in gen.load(ROOT / "schema").source.migrations.steps:
        db.executescript(text)
    product = product_of("sqlserver")
    seen = 0
    for name, fields in rows.structs(product):
        columns = ", ".join(rows.columns(fields, enums.literals(product.enums)))
        other = {"mssql", *re.findall(r"\bFROM [a-z_]+ AS ([a-z_]+)", columns)}  # words of texts, and tables of subqueries
        tables = sorted(set(re.findall(r"(?<!FROM )\b([a-z_]+)\.[a-z_]+", re.sub(r"FROM flow WHERE [^)]*", "", columns))) - other) or ["flow"]
        tables = [{"publisher": "instance AS publisher", "subscriber": "instance AS subscriber"}.get(t, t) for t in tables]
        db.execute(f"SELECT {columns} FROM {', '.join(tables)}", dict.fromkeys(re.findall(r":([a-z_]+)", columns), 0))
        seen += 1
    assert seen >= 6, "objects with columns"


def test_rows_read_columns_times_and_fixed_values(tmp_path):
    gen.main(["--out", str(tmp_path)])
    source, header = ((tmp_path / f"gen/sqlserver_rows.{end}").read_text() for end in "ch")
    for line in ('ret->name = stmt_str(s, a, "name");', 'ret->status = I64(stmt_i64(s, "status"));', 'ret->pid = I64(1038028);',
                 'ret->end_time = time_of(s, a, "end_ms", time_beijing);', 'ret->style = STR("EXCLUSIVE");',
                 'ret->create_time = time_of(s, a, "created_ms", time_beijing_ms);'):
        assert line in source
    assert "CASE WHEN database.status = 2 OR database.status = 3 THEN 'ONLINE'" in header, "the enum's values are filled in"


def test_reference_names_every_action_and_code(tmp_path):
    gen.main(["--out", str(tmp_path)])
    page = (tmp_path / "gen/reference.md").read_text()
    for path in action_files():
        assert f"## {path.stem}\n" in page
    for path in (ROOT / "schema").glob("**/*errors.json"):
        for row in json.loads(path.read_text()):
            assert f"`{row['code']}`" in page


@pytest.mark.parametrize("name", gen.PAGES)
def test_the_files_of_docs_are_up_to_date(name, tmp_path):
    file = gen.PAGES[name][0]
    assert gen.main([f"--{name}", str(tmp_path / "page")]) == 0
    same = (tmp_path / "page").read_text() == (ROOT / "docs" / file).read_text()
    assert same, f"docs/{file} is out of date; renew it with: python3 schema/gen.py --{name} docs/{file}"


@pytest.mark.parametrize("change, complaint", [
    (lambda d: d["mistakes"][0].pop("zh"), "must be an object with the keys"),
    (lambda d: d["mistakes"][0].update(id="sig.Local"), "must be sig. and words with dashes, and unique"),
    (lambda d: d["mistakes"][0].update(id=d["mistakes"][1]["id"]), "must be sig. and words with dashes, and unique"),
    (lambda d: d["mistakes"][0].update(stage=["body"]), "'body' is none of"),
    (lambda d: d["mistakes"][0].update(stage=["payload"]), "changes the canonical request too"),
    (lambda d: d["mistakes"][0].update(paired=9), "must not be above the number of variants"),
    (lambda d: d["mistakes"][0].update(paired="1"), "must be of the type int"),
    (lambda d: d["mistakes"][0].update(variants=1), "must have either set or variants"),
    (lambda d: d["mistakes"][0].update(set=[{"host": "{host}{port}"}]), "must name one text of the case at most"),
    (lambda d: d["mistakes"][0].update(set=["{host}"]), "must be a list of objects"),
    (lambda d: d["forms"][0]["en"].pop("fix"), "must have cause and fix"),
    (lambda d: d["outcomes"][0]["zh"].pop("cause"), "must have cause, and nothing else"),
    (lambda d: d["separators"]["fix"].pop("zh"), "must have en and zh"),
])
def test_a_broken_row_of_the_doctor_is_rejected(schema, capsys, change, complaint):
    edit(schema / "doctor.json", change)
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert complaint in capsys.readouterr().err


def coverage_of(schema, tmp_path):
    assert gen.main(["--schema", str(schema), "--coverage", str(tmp_path / "coverage.md")]) == 0
    return (tmp_path / "coverage.md").read_text()


def test_coverage_names_every_action_with_its_codes(tmp_path):
    page = coverage_of(ROOT / "schema", tmp_path)
    for path in action_files():
        action = json.loads(path.read_text())
        rows = [line for line in page.splitlines() if line.startswith((f"| {path.stem} |", f"| [{path.stem}]("))]
        assert len(rows) == (1 if schema_files.is_emulated(action) else 2), f"{path.stem}: {rows}"
        text = page.split(f"### {path.stem}\n")[1].split("\n#")[0] if schema_files.is_emulated(action) else rows[1]
        for error in action["errors"]:
            code = error if isinstance(error, str) else error["code"]
            assert f"`{code}`" in text, f"{path.stem} lacks {code}"


def flow_counts(page):
    row = next(line for line in page.splitlines() if line.startswith("| Flow and task |"))
    cells = row.strip("| ").split(" | ")
    return {"emulated": int(cells[2]), "with a cause": int(cells[-2]), "injected": int(cells[-1])}


def test_coverage_counts_causes_only_of_what_is_emulated(schema, tmp_path):
    """DescribeFlowStatus has seven codes, three with a cause; without its function none of them comes about."""
    before = flow_counts(coverage_of(schema, tmp_path))
    edit(schema / "sqlserver/DescribeFlowStatus.json", drop("handler"))
    after = flow_counts(coverage_of(schema, tmp_path))
    assert {key: before[key] - after[key] for key in before} == {"emulated": 1, "with a cause": 3, "injected": -3}


def test_a_field_needs_a_summary_once_its_action_is_emulated(schema, capsys):
    edit(schema / "sqlserver/CreateAccount.json", drop("handler"))
    edit(schema / "sqlserver/CreateAccount.json", drop("in", 0, "summary"))
    assert gen.main(["--schema", str(schema), "--check"]) == 0
    edit(schema / "sqlserver/CreateAccount.json", set_in("handler", value=True))
    assert gen.main(["--schema", str(schema), "--check"]) == 1
    assert "CreateAccount.json: in.InstanceId: the key 'summary' is missing" in capsys.readouterr().err


def test_defaults_fill_what_an_action_leaves_out(schema):
    """A bare code is documented and has no cause; no rate is the product's."""
    model = gen.load(schema)
    action = next(a for a in model.products[0].actions if a.name == "CloseLog")
    assert (action.rate["per_second"], action.rate["provenance"]) == (20, "assumed")
    assert action.errors[-1] == {"code": "UnauthorizedOperation.PermissionDenied", "cause": "declared; by fault injection only",
                                "provenance": "documented", "source": "tencentcloud-sdk-go sqlserver/v20180328/errors.go"}
