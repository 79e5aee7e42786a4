"""The error texts of the schema are those that the official SDK documents: its error files have the code and, as a comment, the text.

The installed SDK has the Chinese texts. The English ones are in the package tencentcloud-sdk-python-intl-en, which uses the same names of
modules, so it cannot be installed beside it: VIRGA_INTL_SDK names a folder with that package, and then its texts are compared too."""
import importlib
import json
import os
import pathlib
import re

import pytest
from harness import ROOT

DEFAULT = "sqlserver"
PRODUCTS = {"sqlserver": "v20180328", "tag": "v20180813"}

# Codes whose text comes from the gateway: that of the common documentation or an observed one is more precise than the SDK's.
GATEWAY = {
    "InternalError": "observed",
    "InvalidParameter": "observed, one text for each fault of a form and of JSON",
    "InvalidParameterValue": "observed, with the name of the parameter",
    "MissingParameter": "observed, with the name of the parameter",
    "ResourceNotFound": "the page 213/30435 has another English text",
    "UnauthorizedOperation": "observed, with the action and the resource",
    "UnknownParameter": "observed, with the name of the parameter",
    "UnsupportedOperation": "the page 213/30435 has another English text; that of an action without a handler is virga's own",
}


def documented(path):
    """{code: text} of an SDK's errorcodes.py."""
    found, comment = {}, []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        code = re.fullmatch(r"[A-Z0-9_]+ = '(.+)'", line.strip())
        if code:
            found[code[1]] = " ".join(comment)
        comment = [*comment, line[1:].strip()] if line.startswith("#") else []
    return found


def rows(product):
    """The rows of a product; those of the default product with the gateway's, which have its texts where the gateway has none."""
    names = [f"{product}/_errors.json", *["errors.json"] * (product == DEFAULT)]
    return [row for name in names for row in json.loads((ROOT / "schema" / name).read_text(encoding="utf-8"))]


def different(product, texts, language):
    """Codes with another text than the SDK's. A row whose id is longer than its code has the text of one cause."""
    have = {row["code"]: row[language] for row in rows(product) if row["id"] == row["code"]}
    return sorted(code for code in have.keys() & texts.keys() - GATEWAY.keys() if have[code] != texts[code])


@pytest.mark.parametrize("product, version", PRODUCTS.items())
def test_the_chinese_texts_are_those_of_the_sdk(product, version):
    texts = documented(importlib.import_module(f"tencentcloud.{product}.{version}.errorcodes").__file__)
    assert len(texts) > 25
    assert different(product, texts, "zh") == []


def test_each_code_of_the_sdk_is_in_the_schema():
    texts = documented(importlib.import_module(f"tencentcloud.{DEFAULT}.{PRODUCTS[DEFAULT]}.errorcodes").__file__)
    assert texts.keys() - {row["code"] for row in rows(DEFAULT)} == set()


if "VIRGA_INTL_SDK" in os.environ:
    @pytest.mark.parametrize("product, version", PRODUCTS.items())
    def test_the_english_texts_are_those_of_the_international_sdk(product, version):
        texts = documented(pathlib.Path(os.environ["VIRGA_INTL_SDK"], "tencentcloud", product, version, "errorcodes.py"))
        assert len(texts) > 25
        assert different(product, texts, "en") == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_each_documented_text_has_its_source(product):
    for row in json.loads((ROOT / "schema" / product / "_errors.json").read_text(encoding="utf-8")):
        assert row["provenance"] == "documented" and row["source"], row["id"]
