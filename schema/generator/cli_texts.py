"""The texts about the command line: --help, the manual as roff, Markdown and JSON, and the completion of three shells."""

import json
import textwrap

SHELLS = ("bash", "zsh", "fish")
_COLUMNS = 100  # the widest line of help
_LEFT = 31      # where the help of an option begins

# Words of a subcommand that the program itself lists. VIRGA_JSON may be set in the user's shell.
_LISTED = {"ACTION": "$(VIRGA_JSON= virga actions --names)", "CODE": "$(VIRGA_JSON= virga explain --names)"}


# --- help -----------------------------------------------------------------------------------------------------------


def _help_option(name, text):
    left = f"  {name}"
    lines = textwrap.wrap(text, _COLUMNS - _LEFT, break_on_hyphens=False)
    if len(left) >= _LEFT - 1:
        return "".join(f"{line}\n" for line in [left, *(" " * _LEFT + line for line in lines)])
    return "".join(f"{(left if i == 0 else ''):{_LEFT}}{line}\n" for i, line in enumerate(lines))


def _label(o):
    return f"{o.name} {o.value}" if o.value else o.name


def help_page(command):
    with_variable = "".join(_help_option(_label(o), o.help) for o in command.options if o.variable)
    without = "".join(_help_option(_label(o), o.help) for o in command.options if not o.variable)
    return (f"Usage: {command.usage}\n\n{command.about}\n\n"
            f"Options, each also an environment variable (--db is VIRGA_DB):\n{with_variable}\n"
            f"Options of the command line only:\n{without}{_help_option('--help', 'print this text')}")


def main_help(model):
    rows = "".join(f"  {c.name:10} {c.help}\n" for c in model.commands)
    codes = "".join(f"  {r['code']:3}  {r['meaning']}\n" for r in model.exit_codes)
    return (f"virga {model.version}: {model.about}\n\nUsage: virga SUBCOMMAND [options]   (virga SUBCOMMAND --help)\n\n"
            f"Subcommands:\n{rows}\nExit codes:\n{codes}")


# --- the manual -----------------------------------------------------------------------------------------------------


def _roff(text):
    """Backslashes, hyphens that are to be copied, and a dot or quote that would begin a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def _roff_option(o):
    value = f" \\fI{_roff(o.value)}\\fR" if o.value else ""
    return f".TP\n.B {_roff(o.name)}{value}\n{_roff(o.help)}\n"


def roff(model):
    commands = "".join(f".SS {_roff(c.usage)}\n{_roff(c.about)}\n" + "".join(map(_roff_option, c.options)) for c in model.commands)
    variables = "".join(f".TP\n.B {v['name']}\n{_roff(v['help'])}\n" for v in model.run_variables)
    codes = "".join(f".TP\n.B {r['code']}\n{_roff(r['meaning'])}\n" for r in model.exit_codes)
    return (f'.TH VIRGA 1 "" "virga {model.version}"\n.SH NAME\nvirga \\- {_roff(model.about)}\n'
            f".SH SYNOPSIS\n.B virga\n\\fISUBCOMMAND\\fR [options]\n.SH OPTIONS\n{_roff(model.on_options)}\n"
            f".SH SUBCOMMANDS\n{commands}.SH VARIABLES OF VIRGA RUN\n{variables}.SH EXIT STATUS\n{codes}")


def _cell(text):
    return text.replace("|", "\\|")


def _markdown_command(c):
    rows = "".join(f"| `{_cell(_label(o))}` | {_cell(o.help)} |\n" for o in c.options)
    return f"\n## virga {c.name}\n\n```text\n{c.usage}\n```\n\n{c.about}\n\n| option | |\n|---|---|\n{rows}"


def markdown(model):
    intro = "\n".join(textwrap.wrap(model.on_options, 120, break_on_hyphens=False))
    listed = "".join(f"| [`{c.name}`](#virga-{c.name}) | {c.help} |\n" for c in model.commands)
    variables = "".join(f"| `{v['name']}` | {v['help']} |\n" for v in model.run_variables)
    codes = "".join(f"| {r['code']} | {r['meaning']} |\n" for r in model.exit_codes)
    return (f"# The command line\n\nWritten by `virga man --markdown`; not to be edited.\n\n{intro}\n\n"
            f"| subcommand | |\n|---|---|\n{listed}" + "".join(map(_markdown_command, model.commands))
            + "\n## Variables that `virga run` sets\n\nBeside those of the official clients (`TENCENTCLOUD_SECRET_ID` and so on):\n\n"
            f"| variable | |\n|---|---|\n{variables}\n## Exit codes\n\n| code | |\n|---|---|\n{codes}")


def _json_command(c):
    names = {o.name for o in c.options}
    options = c.options + [o for o in (c.passes.options if c.passes else []) if o.name not in names]
    return {"name": c.name, "help": c.help, "usage": c.usage, "about": c.about,
            "options": [{"name": o.name, "value": o.value, "help": o.help, "variable": o.variable, "repeats": o.repeats} for o in options]}


def as_json(model):
    page = {"version": model.version, "about": model.about, "subcommands": [_json_command(c) for c in model.commands],
            "run_variables": [{"name": v["name"], "help": v["help"]} for v in model.run_variables],
            "exit_codes": [{"code": r["code"], "meaning": r["meaning"]} for r in model.exit_codes]}
    return json.dumps(page, separators=(",", ":"), ensure_ascii=False) + "\n"


# --- completion -----------------------------------------------------------------------------------------------------


def _words(c):
    return _LISTED.get(c.words, c.words or "")


def _cases(model):
    """The words that may follow each subcommand, for bash and zsh alike."""
    lines = ["    '') offered=\"" + " ".join(c.name for c in model.commands) + ' --help --version" ;;\n']
    for c in model.commands:
        tables = [c.options] + ([c.passes.options] if c.passes else [])
        options = "".join("".join(f" {o.name}" for o in table) + " --help" for table in tables)
        lines.append(f'    {c.name}) offered="{_words(c)}{options}" ;;\n')
    return "".join(lines)


def _values(option):
    """What may follow the option; empty for anything."""
    return _LISTED.get(option.value or "", option.value.replace("|", " ") if "|" in (option.value or "") else "")


def _value_cases(model):
    """The values that may follow an option, for bash and zsh alike."""
    return "".join(f'    {c.name}:{o.name}) offered="{_values(o)}" ;;\n'
                   for c in model.commands for o in c.options + (c.passes.options if c.passes else []) if _values(o))


def _bash(model):
    return ("_virga() {\n    local current=${COMP_WORDS[COMP_CWORD]} command= offered=\n"
            '    [ "$COMP_CWORD" -gt 1 ] && command=${COMP_WORDS[1]}\n    case $command in\n' + _cases(model)
            + '    esac\n    case $command:${COMP_WORDS[COMP_CWORD-1]} in\n' + _value_cases(model) + '    esac\n    COMPREPLY=($(compgen -W "$offered" -- "$current"))\n}\ncomplete -o default -F _virga virga\n')


def _zsh(model):
    """To be sourced, or put in $fpath, from where zsh runs it as the body of _virga. A shell without completion starts it."""
    return ("#compdef virga\n_virga() {\n    local command= offered=\n    (( CURRENT > 2 )) && command=${words[2]}\n    case $command in\n"
            + _cases(model) + "    esac\n    case $command:${words[CURRENT-1]} in\n" + _value_cases(model) + "    esac\n    compadd -- ${=offered}\n    _files\n}\n"
            'if [[ ${funcstack[1]} = _virga ]]; then\n    _virga "$@"\nelse\n'
            "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -D -i; }\n    compdef _virga virga\nfi\n")


def _fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish_command(c):
    seen = f"complete -c virga {{}}-n '__fish_seen_subcommand_from {c.name}'"
    lines = [f"complete -c virga -f -n __fish_use_subcommand -a {c.name} -d {_fish_quoted(c.help)}\n"]
    if _words(c):  # fish runs a command in parentheses, where bash has $( )
        lines.append(f"{seen.format('-f ')} -a '{_words(c).removeprefix('$')}'\n")
    for o in c.options + (c.passes.options if c.passes else []):
        values = f" -x -a '{_values(o).removeprefix('$')}'" if _values(o) else " -r" if o.value else ""
        lines.append(f"{seen.format('')} -l {o.name[2:]}{values} -d {_fish_quoted(o.help)}\n")
    return "".join(lines)


def completion(model):
    """{shell: script}"""
    return {"bash": _bash(model), "zsh": _zsh(model), "fish": "".join(map(_fish_command, model.commands))}
