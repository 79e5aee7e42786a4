"""docs/coverage.md: which actions virga emulates, and what causes each of their error codes."""

from . import markdown
from .model import INJECTED

_INTRO = """# Coverage

Generated from `schema/` by `python3 schema/gen.py --coverage docs/coverage.md`. Do not edit.

Every action of a product is known: virga authenticates a call to it, applies its rate limit and checks its parameters.
An action that is not emulated then returns `UnsupportedOperation`. *Tier* is the order of work: 1 what a client of
backups calls, 2 what is related to it, 3 the rest. *Calls a second* is the rate limit, `?` where it is assumed.

Codes are those that the documentation lists for the action. A code with a *cause* has that cause in virga's state; the
others occur only when a fault is injected. The gateway's codes, which every action can return, are in
[fidelity.md](fidelity.md).
"""


def _natural(action):
    """The codes that have a cause: none for an action that is not emulated."""
    return [e for e in action.errors if action.row.get("handler") and e["cause"] != INJECTED]


def _injected(action):
    natural = [e["code"] for e in _natural(action)]
    return [e["code"] for e in action.errors if e["code"] not in natural]


def _count(actions):
    """The numbers of a row of the summary."""
    emulated = [a for a in actions if a.row.get("handler")]
    tiers = [f"{sum(a.row['tier'] == t for a in emulated)} of {sum(a.row['tier'] == t for a in actions)}" for t in (1, 2, 3)]
    writes = sum(a.row["writes"] for a in actions)
    return [len(actions), len(emulated), len(actions) - writes, writes, *tiers,
            sum(len(_natural(a)) for a in actions), sum(len(_injected(a)) for a in actions)]


def _summary(by_domain, actions):
    head = ("domain", "actions", "emulated", "read", "write", "of tier 1", "of tier 2", "of tier 3", "codes with a cause",
            "by injection only")
    rows = [[name, *_count(group)] for name, group in by_domain]
    return markdown.table(head, rows + [["**all**", *_count(actions)]])


def _rate(action):
    return f"{action.rate['per_second']}{'?' if action.rate['provenance'] == 'assumed' else ''}"


def _actions(group):
    rows = [(markdown.link(a.name) if a.row.get("handler") else a.name, "yes" if a.row.get("handler") else "no",
             "writes" if a.row["writes"] else "reads", _rate(a), a.row["tier"], a.row["summary"]) for a in group]
    return markdown.table(("action", "emulated", "state", "calls a second", "tier", "what it does"), rows)


def _emulated(action):
    out = f"\n### {action.name}\n\n"
    if _natural(action):
        out += markdown.table(("code", "cause"), [(f"`{e['code']}`", e["cause"]) for e in _natural(action)])
    if _injected(action):
        out += "\n" + markdown.paragraph(f"By injection only: {markdown.codes(_injected(action))}.")
    return out


def _not_emulated(group):
    rows = [(a.name, markdown.codes(_injected(a))) for a in group if not a.row.get("handler")]
    return "\n" + markdown.table(("not emulated", "codes, by injection only"), rows) if rows else ""


def _domain(name, group):
    out = f"## {name}\n\n" + _actions(group)
    out += "".join(_emulated(a) for a in group if a.row.get("handler"))
    return out + _not_emulated(group)


def page(model):
    parts = [_INTRO]
    for product in model.products:
        by_domain = [(name, [a for a in product.actions if a.row["domain"] == name]) for name in product.domains]
        emulated = sum(bool(a.row.get("handler")) for a in product.actions)
        parts.append(f"## {product.title}: `{product.name}`, version {product.version}\n\n"
                     f"{emulated} of {len(product.actions)} actions are emulated.\n\n"
                     + _summary(by_domain, product.actions))
        parts += [_domain(name, group) for name, group in by_domain if group]
    return "\n".join(parts)
