"""cli.h and cli.c (layer cli): the subcommands, their options and their requests to the control API, from schema/cli.json.

The texts that follow from the same file (help, manual, completion) are in cli_texts.py.
"""

import json

from . import cli_texts, words
from .c_errors import HEAD
from .load import Problems
from .names import c_string

# The key of an option's type: (the enum of cli/options.h, the member's C type when it is not declared by hand).
TYPES = {"switch": ("OPTION_SWITCH", "bool"), "text": ("OPTION_TEXT", "struct str"), "path": ("OPTION_PATH", "const char *"),
         "number": ("OPTION_NUMBER", "int64_t"), "seconds": ("OPTION_SECONDS", "int64_t"), "time": ("OPTION_TIME", "int64_t"),
         "choice": ("OPTION_CHOICE", "int"), "parsed": ("OPTION_PARSED", None)}
SENT = {None: "OPTION_LOCAL", "text": "OPTION_SENT_TEXT", "number": "OPTION_SENT_NUMBER"}
FIELDS = ("text", "number", "time", "duration", "path", "file", "save", "params")
COLUMNS = ("text", "code", "ms", "rest")
OPTION_USES = ("unused", "rejected", "query", "body")

_OPTION_KEYS = {"name", "value", "help", "type", "member", "given", "min", "max", "choices", "default", "repeats", "sent", "parse",
                "excludes", "short"}
_COMMAND_KEYS = {"name", "help", "usage", "about", "struct", "include", "words", "min_words", "max_words", "passes", "more_help", "init",
                 "options", "requests"}
_REQUEST_KEYS = {"word", "when", "fields", "method", "path", "fixed", "options", "rejected", "progress", "text", "list", "columns",
                 "dropped", "pretty", "render"}


class Option:
    """One option; `group` is None for one of its subcommand alone."""

    def __init__(self, row, group):
        self.row, self.group = row, group
        self.name, self.help, self.value = row["name"], row["help"], row.get("value")
        self.kind = row.get("type", "text")
        self.sent, self.repeats, self.default = row.get("sent"), row.get("repeats", False), row.get("default")
        self.variable = None if self.sent else "VIRGA_" + self.name[2:].upper().replace("-", "_")
        self.plain = self.name[2:].replace("-", "_")  # the member's name, and the control API's
        if self.default:
            self.help += f" ({self.default})"

    def member(self):
        """Where the value goes, in the subcommand's struct or, for an option of a group, in its first member, the session."""
        return None if self.kind == "parsed" else self.row.get("member", self.plain)

    def given(self):
        value = self.row.get("given")
        return f"{self.plain}_given" if value is True else value


class Command:
    def __init__(self, row, groups):
        self.row, self.name, self.help, self.usage = row, row["name"], row["help"], row["usage"]
        self.about = "\n".join(row["about"])
        self.words, self.requests = row.get("words"), row.get("requests", [])
        self.options = []
        for entry in row["options"]:
            rows, group = (groups[entry], entry) if isinstance(entry, str) else ([entry], None)
            self.options += [Option(r, group) for r in rows]
        self.struct = row.get("struct") or (f"{self.name}_options" if any(not o.group for o in self.options) else "session")
        self.passes = None  # the subcommand whose options it hands on

    def own(self):
        return [o for o in self.options if not o.group]


class Model:
    def __init__(self, raw, version):
        self.version, self.about, self.on_options = version, raw["about"], raw["on_options"]
        self.exit_codes, self.run_variables = raw["exit_codes"], raw["run_variables"]
        self.commands = [Command(row, raw["groups"]) for row in raw["subcommands"]]
        by_name = {c.name: c for c in self.commands}
        for c in self.commands:
            c.passes = by_name.get(c.row.get("passes"))


# --- reading --------------------------------------------------------------------------------------------------------


def load(root, version, problems):
    """The model; None after what is wrong has gone to `problems`."""
    known = words.of(json.loads(_product(root).read_text(encoding="utf-8")))
    unknown = Problems()
    raw = words.fill(json.loads((root / "cli.json").read_text(encoding="utf-8")), known, "cli.json", unknown)
    found = list(_problems(raw))
    problems += unknown.found + [f"cli.json: {text}" for text in found]
    return None if problems else Model(raw, version)


def _product(root):
    """The file of the first product, whose API the texts name."""
    return root / json.loads((root / "products.json").read_text(encoding="utf-8"))[0] / "_product.json"


def inputs(root):
    """Every file that the output depends on."""
    return [root / "cli.json", root / "products.json", _product(root), root / "gen_cli.py", *sorted((root / "generator").glob("*.py"))]


def _problems(raw):
    codes = {row["name"] for row in raw["exit_codes"]}
    for name, rows in raw["groups"].items():
        for row in rows:
            yield from _option_problems(f"groups.{name}", row)
    for command in raw["subcommands"]:
        where = command.get("name", "a subcommand")
        for key in sorted(command.keys() - _COMMAND_KEYS):
            yield f"{where}: there is no key {key}"
        for entry in command["options"]:
            if not isinstance(entry, str):
                yield from _option_problems(where, entry)
            elif entry not in raw["groups"]:
                yield f"{where}: there is no group of options {entry}"
        for request in command.get("requests", []):
            yield from _request_problems(where, request, codes)


def _option_problems(where, row):
    at = f"{where}: {row.get('name', 'an option')}"
    for key in sorted(row.keys() - _OPTION_KEYS):
        yield f"{at}: there is no key {key}"
    if row.get("type", "text") not in TYPES:
        yield f"{at}: type must be one of {', '.join(TYPES)}"
    elif (row.get("type") == "switch") == ("value" in row):
        yield f"{at}: a switch takes no value, every other option takes one"
    if row.get("sent") not in SENT or ("sent" in row and "type" in row):
        yield f"{at}: sent must be text or number, without a type"
    if (row.get("type") == "parsed") != ("parse" in row):
        yield f"{at}: parse names the function of the type parsed"


def _request_problems(where, row, codes):
    for key in sorted(row.keys() - _REQUEST_KEYS):
        yield f"{where}: requests: there is no key {key}"
    for field in row.get("fields", []):
        if field.get("kind", "text") not in FIELDS:
            yield f"{where}: requests: kind must be one of {', '.join(FIELDS)}"
    for column in row.get("columns", []):
        if len(column) not in (2, 3) or (len(column) == 3 and column[2] not in COLUMNS):
            yield f"{where}: requests: a column is a title, a member and one of {', '.join(COLUMNS)}"
    if row.get("options", "unused") not in OPTION_USES or row.get("rejected", "server_error") not in codes:
        yield f"{where}: requests: options must be one of {', '.join(OPTION_USES)}, rejected the name of an exit code"


# --- C --------------------------------------------------------------------------------------------------------------

_HEADER = """
/* The command line, from schema/cli.json: exit codes, the subcommands and their options, and the texts about them. */
#ifndef VIRGA_GEN_CLI_H
#define VIRGA_GEN_CLI_H

#include "cli/command.h"
#include "cli/session.h"

enum {{
{codes}
}};

enum {{ COMMANDS = {commands}, RUN_VARIABLES = {variables}, COMPLETION_SCRIPTS = {scripts} }};
extern const struct command commands[COMMANDS];

/* The environment variables that `virga run` sets for its command. */
extern const struct str run_variables[RUN_VARIABLES];

/* The text of `virga --help`. */
extern const struct str main_help;

/* `virga man`, `virga man --markdown`, `virga man --json`. */
extern const struct str manual_page, manual_markdown, manual_json;

extern const struct completion_script {{
    struct str shell, text;
}} completion_scripts[COMPLETION_SCRIPTS];

{structs}
/* What each subcommand does; the session is the first member of its options. The exit code. */
{mains}
#endif
"""


def files(model):
    """{name: text} of every output."""
    scripts = cli_texts.completion(model)
    return {"cli.h": _header(model), "cli.c": _source(model), "virga.1": cli_texts.roff(model), "cli.md": cli_texts.markdown(model),
            "virga.bash": scripts["bash"], "_virga": scripts["zsh"], "virga.fish": scripts["fish"]}


def _declared(option):
    """The lines of the option's members in a generated struct."""
    kind = TYPES[option.kind][1]
    given = [f"    bool {option.given()};\n"] if option.given() else []
    return [f"    {kind}{'' if kind.endswith('*') else ' '}{option.plain};\n", *given]


def _struct(command):
    if "struct" in command.row or command.struct == "session":
        return ""
    members = "".join(line for o in command.own() for line in _declared(o))
    return f"struct {command.struct} {{\n    struct session session;\n{members}}};\n\n"


def _main(command):
    return "control_main" if command.requests else f"{command.name}_main"


def _header(model):
    codes = "\n".join(f"    EXIT_{r['name'].upper()} = {r['code']}, /* {r['meaning']} */" for r in model.exit_codes)
    mains = sorted({f"int {_main(c)}(struct session *s);\n" for c in model.commands})
    return HEAD.replace("gen.py", "gen_cli.py") + _HEADER.format(
        codes=codes, commands=len(model.commands), variables=len(model.run_variables), scripts=len(cli_texts.SHELLS),
        structs="".join(_struct(c) for c in model.commands), mains="".join(mains))


def _lines(text):
    """A text of many lines as adjacent literals, one a line."""
    return "\n    ".join(c_string(line) for line in text.splitlines(keepends=True))


def _str(text):
    return f"STR_INIT({_lines(text)})"


def _option_row(command, o):
    member = o.member()
    target = "struct session" if o.group else f"struct {command.struct}"
    keys = {"name": c_string(o.name), "type": TYPES[o.kind][0], "sent": SENT[o.sent]}
    if o.value:
        keys["value"] = c_string(o.value)
    if member:
        keys["at"] = f"offsetof({target}, {member})"
        keys["size"] = f"sizeof ((({target} *)0)->{member})"
    keys["given"] = f"offsetof({target}, {o.given()})" if o.given() else "OPTION_NO_MEMBER"
    for key in ("min", "max"):
        if key in o.row:
            keys[key] = str(o.row[key])
    if o.kind == "choice":
        keys["choices"] = c_string(o.row.get("choices", o.value))
    if o.default:
        keys["fallback"] = c_string(o.default)
    if "excludes" in o.row:
        keys["excludes"] = c_string(o.row["excludes"])
    if "short" in o.row:
        keys["letter"] = c_string(o.row["short"])
    if o.kind == "parsed":
        keys["parse"] = o.row["parse"]
    for key, there in (("repeats", o.repeats), ("own", not o.group)):
        if there:
            keys[key] = "true"
    return "    {" + ", ".join(f".{k} = {v}" for k, v in keys.items()) + "},\n"


def _request_row(command, row, i):
    name = f"{command.name}_{i}"
    before, keys = "", {"method": c_string(row["method"]), "path": c_string(row["path"])}
    if "word" in row:
        keys["word"] = c_string(row["word"])
    keys["when"] = f"offsetof(struct {command.struct}, {row['when']})" if "when" in row else "OPTION_NO_MEMBER"
    if row.get("fields"):
        body = "".join(f"    {{{c_string(f['name'])}, FIELD_{f.get('kind', 'text').upper()}, {str(f.get('optional', False)).lower()}}},\n"
                       for f in row["fields"])
        before += f"static const struct control_field {name}_fields[] = {{\n{body}}};\n"
        keys |= {"fields": f"{name}_fields", "n_fields": str(len(row["fields"]))}
    if row.get("columns"):
        body = "".join(f"    {{{c_string(c[0])}, STR_INIT({c_string(c[1])}), COLUMN_{(c[2] if len(c) > 2 else 'text').upper()}}},\n"
                       for c in row["columns"])
        before += f"static const struct control_column {name}_columns[] = {{\n{body}}};\n"
        keys |= {"columns": f"{name}_columns", "n_columns": str(len(row["columns"]))}
    if "fixed" in row:
        keys["fixed"] = c_string(json.dumps(row["fixed"], separators=(",", ":"))[1:-1])
    if "options" in row:
        keys["options"] = f"OPTIONS_{row['options'].upper()}"
    keys["rejected"] = f"EXIT_{row.get('rejected', 'server_error').upper()}"
    keys |= {k: c_string(row[k] + ("\n" if k in ("text", "dropped") else "")) for k in ("progress", "text", "list", "dropped") if k in row}
    keys |= {k: v for k, v in (("pretty", "true"), ("render", row.get("render"))) if k in row}
    return before, "    {" + ", ".join(f".{k} = {v}" for k, v in keys.items()) + "},\n"


def _tables(command):
    """The tables of one subcommand, before its row."""
    rows = "".join(_option_row(command, o) for o in command.options)
    text = f"static const struct option_row {command.name}_rows[] = {{\n{rows}}};\n"
    pairs = [_request_row(command, row, i) for i, row in enumerate(command.requests)]
    if pairs:
        text += "".join(before for before, _ in pairs)
        text += f"static const struct control_row {command.name}_requests[] = {{\n{''.join(row for _, row in pairs)}}};\n"
    return text + "\n"


def _command_row(command):
    most = command.row.get("max_words", 0)
    keys = {"name": c_string(command.name), "usage": c_string(command.usage), "help": _str(cli_texts.help_page(command)),
            "options": f"{{{command.name}_rows, {len(command.options)}}}", "size": f"sizeof(struct {command.struct})",
            "min_words": str(command.row.get("min_words", 0)), "max_words": "SIZE_MAX" if most == "any" else str(most),
            "run": _main(command)}
    if command.words:
        keys["words"] = c_string(command.words)
    if command.passes:
        keys["passes"] = f"&commands[COMMAND_{command.passes.name.upper()}].options"
    if command.requests:
        keys |= {"requests": f"{command.name}_requests", "n_requests": str(len(command.requests))}
    keys |= {k: command.row[k] for k in ("init", "more_help") if k in command.row}
    return f"    [COMMAND_{command.name.upper()}] = {{\n" + "".join(f"        .{k} = {v},\n" for k, v in keys.items()) + "    },\n"


def _source(model):
    includes = ["cli/control_request.h", "base/limits.h", "cli/reports.h"] + [c.row["include"] for c in model.commands if "include" in c.row]
    head = "".join(f'#include "{name}"\n' for name in sorted(includes))
    scripts = cli_texts.completion(model)
    rows = "".join(f"    {{STR_INIT({c_string(shell)}), {_str(scripts[shell])}}},\n" for shell in cli_texts.SHELLS)
    texts = {"main_help": cli_texts.main_help(model), "manual_page": cli_texts.roff(model), "manual_markdown": cli_texts.markdown(model),
             "manual_json": cli_texts.as_json(model)}
    numbers = ", ".join(f"COMMAND_{c.name.upper()}" for c in model.commands)
    return (HEAD.replace("gen.py", "gen_cli.py") + f'#include "gen/cli.h"\n\n{head}\n'
            "/* ISO C bounds a literal at 4095 bytes; the compilers take longer ones. */\n"
            '#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n'
            + "".join(_tables(c) for c in model.commands)
            + f"enum {{ {numbers} }};\n\nconst struct command commands[COMMANDS] = {{\n"
            + "".join(_command_row(c) for c in model.commands) + "};\n\n"
            + "const struct str run_variables[RUN_VARIABLES] = {\n"
            + "".join(f"    STR_INIT({c_string(v['name'])}),\n" for v in model.run_variables) + "};\n\n"
            + "".join(f"const struct str {name} = {_str(text)};\n\n" for name, text in texts.items())
            + f"const struct completion_script completion_scripts[COMPLETION_SCRIPTS] = {{\n{rows}}};\n")
