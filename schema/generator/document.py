"""schema.json: everything that the schema says about the products, as one document. The console is made from it."""

import json

from . import explain
from .model import INJECTED


def _known(row):
    """How well something is known, as the rows of schema/ say it."""
    return {key: row[key] for key in ("provenance", "source", "why") if row.get(key)}


def _field(field):
    row = field.row
    out = {"name": field.name, "type": field.word, "kind": field.kind, "list": field.is_list}
    out |= {key: row[key] for key in ("summary", "example", "required", "default", "deprecated", "nullable", "omit") if key in row}
    if row.get("rules"):
        out["rules"] = row["rules"]
    return out | _known(row)


def _error(row):
    """`id` refers to the text; a code without a cause occurs only by an injected fault."""
    cause = {} if row["cause"] == INJECTED else {"cause": row["cause"]}
    return {"id": row["code"]} | cause | _known(row)


def _action(action):
    row = action.row
    return {"name": action.name, "domain": row["domain"], "tier": row["tier"], "summary": row["summary"],
            "source": row["source"], "emulated": bool(row.get("handler")), "writes": row["writes"], "region": row["region"],
            "rate": action.rate, "in": [_field(f) for f in action.inputs], "out": [_field(f) for f in action.outputs],
            "errors": [_error(e) for e in action.errors], "examples": row.get("examples", [])}


def _text(error, causes):
    """With its cause and how to reproduce it, in both languages, for a code that no action lists."""
    ground = "why" if error.provenance == "assumed" else "source"
    return {"id": error.id, "code": error.code, "from": error.origin, "en": error.en, "zh": error.zh,
            "retry": explain.retry(error.code, [error]), "provenance": error.provenance, ground: error.ground} | causes.get(error.code, {})


def _region(region):
    return {"name": region.name, "title": region.title, "title_zh": region.title_zh}


def _enum(enum):
    row = enum.row
    values = [{key: v[key] for key in ("name", "number", "text", "title", "title_zh", "en", "zh") if key in v} for v in enum.values]
    return {"name": enum.name, "summary": row["summary"], "summary_zh": row["summary_zh"], "values": values} | _known(row)


def _product(product):
    return {"name": product.name, "version": product.version, "title": product.title, "title_zh": product.row["title_zh"],
            "reset_scopes": product.row.get("reset_scopes", []), "state": product.row.get("state"), "enums": [_enum(e) for e in product.enums],
            "domains": [{"title": en, "title_zh": zh} for en, zh in zip(product.domains, product.domains_zh)],
            "lookups": product.row.get("lookups", []), "regions": [_region(r) for r in product.regions], "actions": [_action(a) for a in product.actions],
            "objects": {t.name: [_field(f) for f in t.fields] for t in product.types.values()}}


def _doctor(raw):
    return {kind: [{key: row[key] for key in ("id", "en", "zh")} for row in raw[kind]] for kind in ("mistakes", "forms")}


def _client(recipe):
    return {"name": recipe.name, "title": recipe.row["title"], "file": recipe.row["file"], "fence": recipe.row["fence"],
            "calls": "{params" in recipe.program}


def text(model):
    document = {"products": [_product(p) for p in model.products], "errors": [_text(e, model.causes) for e in model.errors],
                "magic": model.magic, "doctor": _doctor(model.source.doctor), "clients": [_client(r) for r in model.clients.recipes]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
