"""clients.h and clients.c (layer core), and docs/clients.md in both languages: how to point each client at virga.

A client has a folder with a program around one call and recipe.json with notes on it: in schema/clients, or in the folder
clients/ of the only product that it is for. Both files may name values in braces, which _clients.json lists, and words of the
product (words.py).
"""

import re
from dataclasses import dataclass

from . import markdown, words
from .c_errors import HEAD
from .load import read_json
from .names import c_chars, c_string

FOLDER = "clients"
_VALUE = re.compile(r"\{([a-z_]+)\}")
_LABELS = {
    "en": {"install": "Install: ", "run": "Run: ", "tls": "Over TLS: ",
           "not_run": "virga's tests do not run it; it follows the client's source and documentation."},
    "zh": {"install": "安装：", "run": "运行：", "tls": "使用 TLS：",
           "not_run": "virga 的测试没有运行它；依据该客户端的源码和文档写成。"},
}
_FRAMES = {"en": "_page.md", "zh": "_page.zh-CN.md"}
_TABLE = {"en": ("client", "package", "version", "tested over", "replayed", "not run"),
          "zh": ("客户端", "包", "版本", "测试的传输方式", "重放", "未运行")}
# Why the program of a recipe is not run, for the tests of the documents.
_MARKS = {"tested": "run by: tests/sdk/test_client_programs.py", "stub": "run by: tests/sdk/test_client_programs.py",
          "replayed": "not run: the tests send the requests of this client without it"}
_RULES = ("shell", "plain", "php", "hcl")  # enum quote_rules
_REQUIRED = ("title", "file", "fence", "comment", "strings", "install", "run", "words", "tls")


@dataclass
class Recipe:
    name: str
    folder: str
    row: dict
    program: str

    def words(self, lang):
        """The lines around the program, without those about TLS."""
        label = _LABELS[lang]
        lines = [label["install"] + line for line in self.row["install"]]
        lines += [label["run"] + line for line in self.row["run"]] + self.row["words"][lang]
        return lines if "tested" in self.row else lines + [self.row.get("not_run", {}).get(lang, label["not_run"])]

    def tls(self, lang):
        return [_LABELS[lang]["tls"] + line for line in self.row["tls"][lang]]


@dataclass
class Clients:
    values: list
    recipes: list
    pages: dict  # the frame of docs/clients.md, by language


def load(source):
    """Every recipe, checked; what is wrong goes to the source's problems with its file."""
    root, problems = source.root, source.problems
    head = words.fill(read_json(root / FOLDER / "_clients.json", root, problems), source.words, f"{FOLDER}/_clients.json", problems)
    folders = _folders(source)
    if sorted(head.get("order", [])) != sorted(folders):
        problems.add(f"{FOLDER}/_clients.json", f"order must name the folders: {', '.join(sorted(folders))}")
        return Clients([], [], {})
    recipes = [r for r in (_recipe(source, folders[name]) for name in head["order"]) if r]
    known = {v["name"] for v in head.get("values", [])}
    for recipe in recipes:
        _check_values(recipe, known, problems)
    return Clients(head.get("values", []), recipes,
                   {lang: (root / FOLDER / name).read_text(encoding="utf-8") for lang, name in _FRAMES.items()})


def _folders(source):
    """{client: folder}"""
    places = [source.root / FOLDER] + [source.root / p["folder"] / FOLDER for p in source.products]
    return {p.name: p for place in places if place.is_dir() for p in sorted(place.iterdir()) if p.is_dir()}


def _recipe(source, folder):
    root, problems = source.root, source.problems
    where = folder.relative_to(root).as_posix()
    row = words.fill(read_json(folder / "recipe.json", root, problems), source.words, f"{where}/recipe.json", problems)
    missing = [key for key in _REQUIRED if key not in row]
    if missing:
        problems.add(f"{where}/recipe.json", f"lacks {', '.join(missing)}")
        return None
    if row["strings"] not in _RULES:
        problems.add(f"{where}/recipe.json", f"strings: must be one of {', '.join(_RULES)}")
        return None
    program = folder / row["file"]
    if not program.exists():
        problems.add(f"{where}/recipe.json", f"file: there is no {row['file']}")
        return None
    text = words.fill_text(program.read_text(encoding="utf-8"), source.words, f"{where}/{row['file']}", problems)
    return Recipe(folder.name, where, row, text)


def _check_values(recipe, known, problems):
    texts = {recipe.row["file"]: [recipe.program]}
    texts["recipe.json"] = [line for lang in _LABELS for line in recipe.words(lang) + recipe.tls(lang)]
    for file, lines in texts.items():
        for name in sorted({n for line in lines for n in _VALUE.findall(line)} - known):
            problems.add(f"{recipe.folder}/{file}", f"there is no value {{{name}}}")


# --- C --------------------------------------------------------------------------------------------------------------

_HEADER = """
/* How to point each client at virga: a program around one call, and notes on the program. Values are names in braces. */
#ifndef VIRGA_GEN_CLIENTS_H
#define VIRGA_GEN_CLIENTS_H

#include "core/quote.h"

enum recipe_value {{
{enum}
    TEMPLATE_VALUES
}};

/* The names in braces, by enum recipe_value. */
extern const struct str template_value_names[TEMPLATE_VALUES];

struct client_template {{
    struct str name;     /* python */
    struct str comment;  /* the start of a comment line */
    enum quote_rules rules;
    struct str opening;  /* must come before everything else; mostly empty */
    struct str words[2]; /* by LANG_EN, LANG_ZH: whole lines */
    struct str tls[2];   /* the lines for a server that has TLS */
    struct str program;
}};

enum {{ CLIENT_TEMPLATES = {count} }};
extern const struct client_template client_templates[CLIENT_TEMPLATES];

#endif
"""


def header(clients):
    enum = "\n".join(f"    TEMPLATE_{v['name'].upper()}, /* {v['summary']} */" for v in clients.values)
    return HEAD + _HEADER.format(enum=enum, count=len(clients.recipes))


def _lines(lines):
    return "".join(line + "\n" for line in lines)


def _texts(recipe):
    yield "program", recipe.program
    for lang in _LABELS:
        yield f"words_{lang}", _lines(recipe.words(lang))
        yield f"tls_{lang}", _lines(recipe.tls(lang))


def _row(recipe):
    def text(kind):
        return f"{{{recipe.name}_{kind}, sizeof({recipe.name}_{kind}) - 1}}"

    return (f"    {{\n        .name = STR_INIT({c_string(recipe.name)}),\n"
            f"        .comment = STR_INIT({c_string(recipe.row['comment'])}),\n"
            f"        .rules = QUOTE_{recipe.row['strings'].upper()},\n"
            f"        .opening = STR_INIT({c_string(recipe.row.get('opening', ''))}),\n"
            f"        .words = {{{text('words_en')}, {text('words_zh')}}},\n"
            f"        .tls = {{{text('tls_en')}, {text('tls_zh')}}},\n"
            f"        .program = {text('program')},\n    }},\n")


def source(clients):
    names = "".join(f"    STR_INIT({c_string(v['name'])}),\n" for v in clients.values)
    texts = "".join(f"static const char {r.name}_{kind}[] = {{\n{c_chars(text)}}};\n\n"
                    for r in clients.recipes for kind, text in _texts(r))
    rows = "".join(map(_row, clients.recipes))
    return (HEAD + f'#include "gen/clients.h"\n\nconst struct str template_value_names[TEMPLATE_VALUES] = {{\n{names}}};\n\n{texts}'
            f"const struct client_template client_templates[CLIENT_TEMPLATES] = {{\n{rows}}};\n")


# --- docs/clients.md ------------------------------------------------------------------------------------------------


def _table(recipes, lang):
    *head, replayed, not_run = _TABLE[lang]
    out = f"| {' | '.join(head)} |\n|---|---|---|---|\n"
    for r in recipes:
        tested = r.row.get("tested")
        if tested:
            cells = (f"`{tested['package']}`", tested["version"], ", ".join(tested["over"]))
        elif "replayed" in r.row:
            cells = ("", r.row["replayed"], replayed)
        else:
            cells = ("", "", not_run)
        out += f"| `{r.name}` | {' | '.join(cells)} |\n"
    return out


def _section(recipe, lang, fill):
    notes = _bullets(recipe, recipe.words(lang) + recipe.tls(lang), fill).rstrip()
    program = recipe.row.get("opening", "") + recipe.program
    mark = _MARKS[next(key for key in _MARKS if key in recipe.row)]
    return f"\n## {fill(recipe.row['title'])}\n\n{notes}\n\n<!-- {mark} -->\n```{recipe.row['fence']}\n{fill(program)}```\n"


def _bullets(recipe, lines, fill):
    """One per line. Indented lines are a block of code below the line before them, between empty lines."""
    out, in_block = "", False
    for line in lines:
        block = line.startswith("    ")
        out += "\n" if block != in_block else ""
        out += f"  {fill(line)}\n" if block else _bullet(recipe, line, fill)
        in_block = block
    return out


def _bullet(recipe, line, fill):
    """A command stays on its line, to be copied."""
    code = _code(recipe, line)
    return f"- {fill(code)}\n" if code != line else markdown.paragraph(f"- {fill(line)}", indent="  ")


def _code(recipe, line):
    """A command as code in the page; a printed recipe has it bare, ready to copy."""
    for label in _LABELS.values():
        for kind in ("install", "run"):
            if line.startswith(label[kind]) and line[len(label[kind]):] in recipe.row[kind]:
                return f"{label[kind]}`{line[len(label[kind]):]}`"
    return line


def page(clients, lang):
    """The whole of docs/clients.md, with the values of the built-in world."""
    examples = {v["name"]: v["example"] for v in clients.values}

    def fill(text):
        return _VALUE.sub(lambda m: examples[m[1]], text)

    recipes = "".join(_section(r, lang, fill) for r in clients.recipes)
    return clients.pages[lang].replace("{table}", _table(clients.recipes, lang)).replace("{recipes}\n", recipes)
