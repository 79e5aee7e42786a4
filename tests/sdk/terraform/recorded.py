"""The form of recorded calls: a value of an earlier answer is `$NUMBER.PATH` in place of itself."""
import json
import re

KINDS = ("createinstance", "createaccount", "deleteaccount", "createdb", "deletedb", "renamedb", "grant", "resetpassword", "backup",
         "restore", "rollback", "clone", "restart", "cdc", "ct", "shrink", "encrypt", "ssl", "upgrade", "expansion", "switchha", "recycle",
         "network", "openwan", "closewan", "openinter", "closeinter", "recyclegroup", "createpublication", "modifypublication",
         "parameters", "coldmigration", "incrementalmigration", "migrationcheck", "migration")
AT_ONCE = [word for kind in KINDS for word in ("--flow-seconds", f"{kind}=0")]
ID = re.compile(r"mssql(?:ro|bi)?-[a-z0-9]{8}")
SHORTEST = 4  # a shorter value is found by chance


def leaves(value, path=""):
    """(path, value) of every text, number and boolean."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif value is not None:
        yield path, value


def at(value, path):
    """The value at a path, or None."""
    for key in path.split("."):
        try:
            value = value[int(key) if isinstance(value, list) else key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


def replaced(value, change):
    if isinstance(value, dict):
        return {key: replaced(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, change) for inner in value]
    return change(value)


def filled(value, found):
    return replaced(value, lambda text: found[text[1:]] if isinstance(text, str) and text.startswith("$") else text)


def before(virga, key, steps):
    """Makes the calls before an object. Returns what they found."""
    found = {}
    for action, params, wanted in steps:
        answer = virga.call(action, params, **key)
        assert answer.code is None, (action, answer.body)
        values = {path.rpartition(".")[2]: value for path, value in leaves(answer.response)}
        found.update({name: values[member] for name, member in wanted.items()})
    return found


def pack(calls, written, first, changed):
    """The calls with references in place of what answers found, unless it is `written` in the configuration. `shows` is what a reading
    call shows of the configuration."""
    packed, origins, own = [], {}, {str(value) for _, value in leaves(written)}
    given = {"read": first, "reread": changed}

    def refer(value):
        """The reference keeps the type of the parameter. An id within a text has braces."""
        if type(value) not in (str, int):
            return value
        if str(value) in origins:
            return f"${'s' if isinstance(value, str) else 'n'}{origins[str(value)]}"
        return ID.sub(lambda found: f"{{$s{origins[found[0]]}}}" if found[0] in origins else found[0], value) if type(value) is str else value

    for number, call in enumerate(calls):
        entry = {"phase": call["phase"], "product": call["product"], "action": call["action"], "params": replaced(call["params"], refer)}
        if call["code"] != "ok":
            entry["code"] = call["code"]
        if call["phase"] in given:
            entry["shows"] = shown(call["answer"], given[call["phase"]])
        packed.append(entry)
        for path, value in leaves(call["answer"]):
            if type(value) in (str, int) and len(str(value)) >= SHORTEST and str(value) not in own and not path.endswith("RequestId"):
                origins.setdefault(str(value), f"{number}.{path}")
    return packed


def shown(answer, config):
    """What an answer shows of the configuration: the values, by their paths. A number counts only under the name that it is given."""
    texts = {value for _, value in leaves(config) if isinstance(value, str) and len(value) > 2 and not value.startswith("$")}
    numbers = {(path.rpartition(".")[2].replace("_", ""), value) for path, value in leaves(config) if type(value) is int}
    return {path: value for path, value in leaves(answer)
            if value in texts or (type(value) is int and (path.rpartition(".")[2].lower(), value) in numbers)}


def write(path, known):
    """One call on a line."""
    lines = []
    for name in sorted(known):
        rows = ",\n".join("  " + json.dumps(call, ensure_ascii=False) for call in known[name]["calls"])
        lines.append(f'"{name}": {{"notes": {json.dumps(known[name]["notes"])}, "calls": [\n{rows}\n]}}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
