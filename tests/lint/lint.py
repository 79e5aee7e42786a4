#!/usr/bin/python3
"""The rules of the source that a compiler does not check.

Each check prints one line; one that fails prints every place that breaks it. The last line counts them.
Runs from anywhere, without arguments.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src"

# Low to high; a file includes from its own layer and from lower ones.
LAYERS = ["base", "store", "wire", "core", "gateway", "product", "diagnosis", "control", "server", "cli"]

# What the generator writes counts as part of the layer that uses it first.
GENERATED = {"gen/errors.h": "wire", "gen/world.h": "core", "gen/clients.h": "core", "gen/faults.h": "core", "gen/texts.h": "wire",
             "gen/enums.h": "core", "gen/control.h": "control", "gen/doctor.h": "diagnosis", "gen/explain.h": "cli", "gen/cli.h": "cli",
             # The list of the products, and all their tables: for the program alone, which hands it to the world.
             "gen/products.h": "cli", "gen/migrations.h": "cli"}
# gen/<product>.h, gen/<product>_enums.h and so on are the product's own.
PRODUCTS = json.loads((ROOT / "schema/products.json").read_text())

# Each library is used in one place, so that it can be exchanged and its types stay out of everything else.
LIBRARIES = {
    r"cJSON\.h|cjson/.*": ["src/wire/json.c"],
    r"curl/.*": ["src/cli/curl_library.h"],
    r"microhttpd\.h": ["src/server/"],
    r"sqlite3\.h": ["src/store/"],
    r"nettle/.*": ["src/base/codec.c", "src/wire/digest.c"],
    r"gnutls/.*": ["src/server/tls.c", "src/server/gnutls_library.c"],
}

# Time, chance and the environment come from the world (so that a run can be repeated); the rest are unsafe with text.
BANNED = ["time", "rand", "srand", "random", "sleep", "usleep", "nanosleep", "strcpy", "strcat", "sprintf", "vsprintf",
          "strtok", "atoi", "atol", "atoll", "gmtime", "gmtime_r", "timegm", "localtime", "localtime_r", "mktime", "alloca",
          "gets", "system", "popen", "getenv"]
BANNED_EXCEPT = {"getenv": "src/cli/", "gmtime_r": "src/base/clock.c", "timegm": "src/base/clock.c"}

# Built from parts so that this file does not break its own rules.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
MACHINE_PATHS = re.compile(r"(?<![\w.$}/-])/(?:" + "|".join(["home/", "work/", "root/", "Users/", "mnt/"]) + r")\w")
TEXT_SUFFIXES = {".c", ".h", ".html", ".css", ".py", ".json", ".md", ".sql", ".sh", ".txt", ".build", ".lua", ".js", ".mjs", ".cjs", ".ts", ".mts",
                 ".go", ".java"}

FUNCTION_LINES = 80
CONSOLE_LINES = 250
FILE_LINES = 600


def rel(path):
    return path.relative_to(ROOT).as_posix()


def c_files(*folders):
    found = []
    for folder in folders:
        found += [p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in (".c", ".h")]
    return found


def code_only(text):
    """The text with comments and string literals blanked, line numbers kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1), match.group(2)


def layer_of(path):
    return path.relative_to(SRC).parts[0]


def layer_of_include(name):
    """The layer of an included file; for a product's also its name."""
    if name in GENERATED:
        return GENERATED[name], None
    own = re.fullmatch(r"gen/(" + "|".join(PRODUCTS) + r")(_\w+)?\.h", name) or re.match(r"product/(\w+)/", name)
    return ("product", own.group(1)) if own else (name.split("/")[0], None)


# --- the checks: each yields one text for every place that breaks the rule ------------------------------------------


def check_layers():
    for path in c_files("src"):
        own = LAYERS.index(layer_of(path))
        for number, quote, name in includes(path):
            if quote != '"':
                continue
            layer, product = layer_of_include(name)
            where = f"{rel(path)}:{number}"
            if layer not in LAYERS or "/" not in name or ".." in name:
                yield f"{where}: \"{name}\" does not begin with the name of a layer"
            elif LAYERS.index(layer) > own:
                yield f"{where}: {LAYERS[own]} includes \"{name}\" of the higher layer {layer}"
            elif product and path.relative_to(SRC).parts[:2] != ("product", product):
                yield f"{where}: \"{name}\" is of the product {product}; core/product.h is the way to it"


def check_libraries():
    for path in c_files("src"):
        for number, _, name in includes(path):
            for pattern, allowed in LIBRARIES.items():
                if re.fullmatch(pattern, name) and not any(rel(path).startswith(a) for a in allowed):
                    yield f"{rel(path)}:{number}: <{name}> belongs in {' '.join(allowed)} alone"


def check_banned():
    call = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in c_files("src"):
        for number, line in enumerate(code_only(path.read_text()).splitlines(), 1):
            for name in call.findall(line):
                if not rel(path).startswith(BANNED_EXCEPT.get(name, "nowhere")):
                    yield f"{rel(path)}:{number}: {name}()"


def check_cycles():
    graph = {rel(p)[len("src/"):]: [n for _, q, n in includes(p) if q == '"'] for p in c_files("src")}
    done, path = set(), []

    def visit(name):
        if name in path:
            return " -> ".join(path[path.index(name):] + [name])
        if name in done or name not in graph:
            return None
        path.append(name)
        found = next(filter(None, map(visit, graph[name])), None)
        path.pop()
        done.add(name)
        return found

    return filter(None, map(visit, sorted(graph)))


def check_headers(compiler, generated):
    flags = ["-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{SRC}", f"-I{generated}"]
    for path in [p for p in c_files("src") if p.suffix == ".h"]:
        # Through a source file: a header given as the main file draws warnings of its own about #pragma once.
        source = f'#include "{rel(path)[len("src/"):]}"\n'
        run = subprocess.run([compiler, *flags, "-x", "c", "-"], input=source, capture_output=True, text=True)
        if run.returncode:
            first = next((line for line in run.stderr.splitlines() if "error:" in line), run.stderr)
            yield f"{rel(path)}: {first.strip()}"


def tracked_text():
    # What is not committed yet counts too, or a rule would be broken until the commit after.
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split("\n") if listed.returncode == 0 else [rel(p) for p in ROOT.rglob("*")]
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and (path.suffix in TEXT_SUFFIXES or name.startswith(("tools/", ".ci/"))):
            yield path


def check_pattern(pattern):
    for path in tracked_text():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if pattern.search(line):
                yield f"{rel(path)}:{number}: {line.strip()[:100]}"


def check_format():
    files = [rel(p) for p in c_files("src", "tests")]
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        yield from sorted({line.split(":")[0] for line in run.stderr.splitlines() if ": error:" in line}) or [run.stderr]


def check_function_length():
    files = [str(p) for p in c_files("src")]
    command = ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "-f", "-", *files]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        tag = json.loads(line)
        length = tag.get("end", tag["line"]) - tag["line"] + 1
        if length > FUNCTION_LINES:
            yield f"{rel(pathlib.Path(tag['path']))}:{tag['line']}: {tag['name']} has {length} lines of {FUNCTION_LINES}"


def check_file_length():
    for path in c_files("src"):
        length = path.read_text().count("\n")
        if length > FILE_LINES:
            yield f"{rel(path)}: {length} lines of {FILE_LINES}"


OCTAL_CHINESE = re.compile(r"\\3[4-7][0-7]\\2")  # the first two bytes of a character, as a C string has them


def check_ascii():
    """Texts in Chinese are data: schema/texts.json."""
    for path in c_files("src"):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if not line.isascii() or OCTAL_CHINESE.search(line):
                yield f"{rel(path)}:{number}: {line.strip()[:100]}"


def check_built():
    """A test program that the build does not name would never run."""
    for folder, prefix in (("unit", "test_"), ("fuzz", "fuzz_")):
        build = ROOT / "tests" / folder / "meson.build"
        named = build.read_text() if build.exists() else ""
        for path in sorted((ROOT / "tests" / folder).glob(prefix + "*.c")):
            if f"'{path.stem[len(prefix):]}'" not in named:
                yield f"{rel(path)} is not in {rel(build)}"


def check_test_names():
    """pytest takes two files of one name for one module, unless each folder runs by itself."""
    seen = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        first = seen.setdefault(path.name, path)
        if first != path:
            yield f"{rel(path)} and {rel(first)}"


# --- the web console ------------------------------------------------------------------------------------------------

# Parameters whose names are words of HTTP, of the signature or of the language too.
SHARED_NAMES = {"Type", "Region", "Action", "Version", "Token", "Name", "Status", "Error"}


def console_files(*suffixes):
    return [p for p in sorted((SRC / "console").rglob("*")) if p.suffix in suffixes]


def check_console_length():
    for path in console_files(".html", ".css", ".js", ".json"):
        length = path.read_text().count("\n")
        if length > CONSOLE_LINES:
            yield f"{rel(path)}: {length} lines of {CONSOLE_LINES}"


def schema_names():
    """Every action, code and parameter that the console must take from the schema instead of knowing it."""
    paths = [ROOT / "schema/errors.json", *sorted((ROOT / "schema").glob("*/_errors.json"))]
    names = {row["code"] for path in paths for row in json.loads(path.read_text())}
    for path in sorted((ROOT / "schema/sqlserver").glob("[A-Z]*.json")):
        action = json.loads(path.read_text())
        names |= {action["action"]} | {field["name"] for field in action["in"]}
    return names - SHARED_NAMES


def check_console_names():
    words = re.compile(r"(?<![\w.-])(" + "|".join(sorted(map(re.escape, schema_names()), key=len, reverse=True)) + r")(?![\w-])")
    for path in console_files(".html", ".css", ".js", ".json"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for name in words.findall(line):
                yield f"{rel(path)}:{number}: {name}"


def check_console_origin():
    for path in console_files(".html", ".css", ".js", ".json"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"https?://(?!www\.w3\.org/2000/svg)", line):
                yield f"{rel(path)}:{number}: {line.strip()[:100]}"


def check_console_words():
    """The same texts, with the same values in braces, in each language."""
    for path in sorted((SRC / "console/i18n/en").glob("*.json")):
        english = json.loads(path.read_text())
        chinese = json.loads((SRC / "console/i18n/zh" / path.name).read_text())
        for key in sorted(english.keys() ^ chinese.keys()):
            yield f"{path.name}: {key} is in one language only"
        for key in english.keys() & chinese.keys():
            if set(re.findall(r"\{\w+\}", english[key])) != set(re.findall(r"\{\w+\}", chinese[key])):
                yield f"{path.name}: {key} has other values in Chinese"


# --- words --------------------------------------------------------------------------------------------------------

# Where the rules on words apply.
WORD_SCOPE = ("README.md", "CHANGELOG.md", "docs/", "packaging/", "schema/", "src/", "tests/", "tools/")
# The old words themselves are in this file, and in the third column of the glossary. Released SQL and what 0.1.0 has
# written cannot change.
WORD_EXCEPT = ("tests/lint/lint.py", "schema/sql/001_state.sql", "schema/sqlserver/sql/001_state.sql",
               "tests/compatibility/0.1.0/")
GLOSSARY = re.compile(r"^## Glossary$.*?(?=^## |\Z)", re.M | re.S)

MARKDOWN_COLUMNS = 120


def word(pattern):
    """The word by itself or as a part of an identifier: crowd, crowd_find, CROWD_MAX, but not overcrowded."""
    return f"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])"


# Old word, the word of the glossary, and where the old one is allowed. Words that are ordinary English too match as
# identifiers only.
OLD_WORDS = [
    (word("doors?"), "listener", ()),
    (word("crowd(?:s|ed)?|stir(?:s|red)?|turn(?:s|ed)?[ _]out"), "connection table, touch, evict", ()),
    (word("seats?"), "connection", ()),
    (word("turn(?:s|ed)?[ _]away"), "reject_overload", ()),
    # "database.held" is the id of an explanation, which programs read.
    (word(r"(?<!database\.)held|told"), "pending, awaiting_...; has, returned, sent", ()),
    (r"\b(?:a|an|the|each|every|one|its|this|whole|next|same|lost) turns?\b|\bturn_(?!on\b|off\b)\w+|\w_turn\b",
     "transaction, batch", ()),
    (word(r"loosen\w*|tighten\w*"), "foreign_keys_defer, foreign_keys_enforce", ()),
    # The table of a state file has this name: FROM guest, INTO guest, "guest".
    (r"(?<![A-Za-z])(?<!FROM )(?<!INTO )(?<!\")(?<!the )(?<!TABLE )(?<!table )guests?(?![A-Za-z])", "test account", ()),
    (r"\blife_\w+|\w_life\b", "the lifecycle functions in world", ()),
    (word("strikes?|striking|struck|silences?"), "apply, suppresses_response", ()),
    (word("throttle"), "rate_limit", ("src/console/",)),  # there it is JavaScript's word for a function
    # The control API and the console's address name it so: "limiter", `limiter`, /limiter, #/limits, limiter.png.
    # So do the types that are generated from it, limiter_view, and the names of its metrics, virga_limiter_counters.
    (r"(?<![A-Za-z`\"'/.#=_-])limiter(?![A-Za-z`\"'._])(?! ?=)", "rate limit", ("schema/cli.json", "schema/control/", "src/console/views/index.js", "docs/cli.md", "tests/cli/test_state_command.py")),
    (word("admit(?:s|ted)?"), "authorize", ()),
    (word("patients?|attends?|attended"), "case, diagnose", ()),
    (word("cure[sd]?"), "fix", ("src/console/views/call/explain.js", "schema/doctor.json")),  # a key of the schema
    (word("restyle[sd]?"), "json_variants", ()),
    (r"\bnear_\w+|\bstruct near\b", "suggest", ()),
    (word("mend(?:s|ed|ing)?"), "replace_invalid; replace, repair", ()),
    (r"\bhide_\w+|\w_hide\b", "mask_unprintable", ()),
    (word("gathering"), "entry_builder", ()),
    (r"\bstruct recipe\b|\bfilling_\w+|\bstruct filling\b", "template, render", ()),
    # The subcommand in src/cli, the option and the keys of the journal stay: why, --why-header, why_text.
    (r"\bwhy_(?!text|header|ground)\w+|(?<!why_)\bground_\w+", "explanation, cause, evidence", ("src/cli/",)),
    (word("DB_STMT|stmt_leave"), "SCOPED_STMT, stmt_release", ()),
    (r"\bmaking_\w+|\bstruct making\b", "db_create_plan", ()),
    (r"\bwatch_\w+|\bstruct watch\b", "change_tracker", ()),
    (r"\bframing_\w+", "message_framing", ()),
    (word("(?<!-)headless|tell_dropped"), "skipping_partial_line, report_dropped", ()),
    (r"\bways_\w+|\w_ways\b|\bstruct ways?\b", "subcommands", ()),
    (word("so-manieth|manieth"), "every Nth matching call", ()),
    (word("trials?|slips?|spoil(?:s|t|ed)?|breaker"), "test world, client_mistakes, corrupt, what it breaks", ()),
    (r"\b(?:admit|crowd|door|framing|guest|held|kinds|life|limiter|making|members|near|patient|program|recipe|restyle|"
     r"target|throttle|turn|watch)\.[ch]\b", "a file named in the words of the glossary", ()),
]

PHRASES = re.compile(r"\b(whoever|somebody|nobody|anew|(?:is|are|was|were|be|been) told|mend(?:s|ed|ing)?|"
                     r"(?:has|have|had) fallen due|stands? behind)\b", re.I)


# The emulator knows no product but through core/product.h.
PRODUCT_FREE = ("core", "gateway", "diagnosis", "control", "server", "console", "cli")
PRODUCT_WORDS = re.compile("InstanceId|FlowId|mssql-|sqlserver|backup", re.I)


def check_product_words():
    """In code, comments, texts and names of files; and in the emulator's own tables, but for comments on released ones."""
    paths = [p for layer in PRODUCT_FREE for p in sorted((SRC / layer).rglob("*")) if p.suffix in TEXT_SUFFIXES]
    for path in paths + sorted((ROOT / "schema/sql").rglob("*.sql")):
        if PRODUCT_WORDS.search(path.name):
            yield f"{rel(path)}: file name"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line.split("--")[0] if path.suffix == ".sql" else line
            for match in PRODUCT_WORDS.finditer(text):
                yield f"{rel(path)}:{number}: {match.group()}: {line.strip()[:100]}"


def worded_text():
    """Name and text of each file to which the rules on words apply; what they do not apply to is blank."""
    for path in tracked_text():
        name = rel(path)
        if name.startswith(WORD_SCOPE) and not name.startswith(WORD_EXCEPT):
            text = path.read_text(errors="replace")
            yield name, GLOSSARY.sub(lambda m: "\n" * m.group().count("\n"), text)


def check_words():
    rows = [(re.compile(pattern, re.I), new, allowed) for pattern, new, allowed in OLD_WORDS]
    for name, text in worded_text():
        for old, new, allowed in rows:
            if name.startswith(allowed):
                continue
            if old.search(name):
                yield f"{name}: file name: {new}"
            for match in old.finditer(text):
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: \"{match.group()}\": {new}"


def check_phrases():
    for name, text in worded_text():
        for match in PHRASES.finditer(text):
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: \"{match.group()}\""


def check_markdown_columns():
    """Outside of tables and blocks of code, which Markdown cannot break."""
    for name, text in worded_text():
        in_code = False
        for number, line in enumerate(text.splitlines() if name.endswith(".md") else [], 1):
            in_code ^= line.lstrip().startswith("```")
            if len(line) > MARKDOWN_COLUMNS and not in_code and not line.startswith("|"):
                yield f"{name}:{number}: {len(line)} columns of {MARKDOWN_COLUMNS}"


# --- running them ---------------------------------------------------------------------------------------------------


def generate(directory):
    run = subprocess.run([sys.executable, "schema/gen.py", "--out", directory], cwd=ROOT, capture_output=True, text=True)
    return run.stderr if run.returncode else None


def checks(generated):
    yield "a file includes from its own layer and lower ones", None, check_layers
    yield "each library is used in its own place only", None, check_libraries
    yield "no banned function", None, check_banned
    yield "no cycle of includes", None, check_cycles
    for compiler in ("gcc", "clang"):
        yield f"every header compiles alone ({compiler})", compiler, lambda c=compiler: check_headers(c, generated)
    yield "nothing is marked unfinished", None, lambda: check_pattern(UNFINISHED)
    yield "no path of one machine", None, lambda: check_pattern(MACHINE_PATHS)
    yield "C sources are ASCII", None, check_ascii
    yield "every test program is built", None, check_built
    yield "no two tests in Python have one name", None, check_test_names
    yield "clang-format changes nothing", "clang-format", check_format
    yield f"no function is longer than {FUNCTION_LINES} lines", "ctags", check_function_length
    yield f"no file is longer than {FILE_LINES} lines", None, check_file_length
    yield f"no file of the console is longer than {CONSOLE_LINES} lines", None, check_console_length
    yield "the console names no action, code or parameter", None, check_console_names
    yield "the console reaches no other origin", None, check_console_origin
    yield "the console says the same in each language", None, check_console_words
    yield "the emulator names nothing of a product", None, check_product_words
    yield "one word for one idea, that of the glossary", None, check_words
    yield "no phrase that is not plain English", None, check_phrases
    yield f"no line of a document is longer than {MARKDOWN_COLUMNS} columns", None, check_markdown_columns


def main():
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as generated:
        complaint = generate(generated)
        if complaint:
            print(f"schema/gen.py failed, so headers that use its output cannot compile:\n{complaint}")
        for title, needs, check in checks(generated):
            if needs and not shutil.which(needs):
                print(f"skip  {title} (no {needs})")
                skipped += 1
                continue
            broken = list(check())
            print(f"{'FAIL' if broken else 'ok  '}  {title}", *broken, sep="\n        ")
            failed += bool(broken)
            passed += not broken
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
