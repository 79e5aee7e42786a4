"""Proves that the console's files are embedded whole, compressed where that is smaller, the same on each run, and that what has no
content type is refused."""
import gzip
import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import embed  # noqa: E402


def arrays(source):
    return {m[1]: bytes(map(int, m[2].replace("\n", "").replace(" ", "").rstrip(",").split(",")))
            for m in re.finditer(r"unsigned char (\w+)\[\] = \{\n(.*?)\};", source, re.S)}


def build(tmp_path, *more):
    out = tmp_path / "console.c"
    assert embed.main(["--out", str(out), "--depfile", str(tmp_path / "d"), str(tmp_path / "in"), *map(str, more)]) == 0
    return out.read_text()


def fill(tmp_path, **files):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name, data in files.items():
        (tmp_path / "in" / name.replace("__", "/").replace("_", ".")).write_bytes(data)


def test_files_are_whole_and_there_once(tmp_path):
    long = b"export const a = 1;\n" * 50
    fill(tmp_path, a_js=long, sub__b_css=b"x{}")
    source = build(tmp_path)
    found = arrays(source)
    assert gzip.decompress(found["bytes_0"]) == long and found["bytes_1"] == b"x{}" and len(found) == 2
    assert f"sizeof bytes_0}}, {len(long)}, true," in source and "sizeof bytes_1}, 3, false," in source
    for sent in (long, found["bytes_0"], b"x{}"):
        assert hashlib.sha256(sent).hexdigest()[:32] in source


def test_names_types_and_marks(tmp_path):
    fill(tmp_path, a_js=b"1", sub__b_css=b"x{}")
    other = tmp_path / "doc.json"
    other.write_bytes(b"{}")
    source = build(tmp_path, other)
    assert re.findall(r'STR_INIT\("([\w./]+)"\), "([\w/]+)', source) == [
        ("a.js", "text/javascript"), ("doc.json", "application/json"), ("style.css", "text/css")]
    assert hashlib.sha256(b"1").hexdigest()[:32] in source
    assert {str(other), str(tmp_path / "in" / "sub"), str(tmp_path / "in" / "a.js")} <= set((tmp_path / "d").read_text().split())


def test_the_same_every_time(tmp_path):
    fill(tmp_path, a_js=b"abc" * 100)
    assert build(tmp_path) == build(tmp_path)


def test_a_type_that_is_not_known_is_rejected(tmp_path, capsys):
    fill(tmp_path, a_exe=b"1")
    assert embed.main(["--out", str(tmp_path / "o"), str(tmp_path / "in")]) == 1
    assert "a.exe" in capsys.readouterr().err and not (tmp_path / "o").exists()


def test_files_that_are_sent_together_are_one(tmp_path):
    """Style sheets, the texts of a language, and the links to the modules that the start needs."""
    fill(tmp_path, sub__b_css=b"x{}")
    folder = tmp_path / "in"
    for name, text in {"styles/tokens.css": "t{}", "styles/base.css": "b{}", "views/v.css": "v{}", "i18n/en/a.json": '{"a": "1"}', "i18n/en/b.json": '{"b": "2"}',
                       "index.html": "<!-- modulepreload -->", "app.js": 'import { a } from "./sub/a.js";\nimport("./late.js");\n',
                       "sub/a.js": 'import {\n  b,\n} from "../b.js";\n', "b.js": "export const b = 1;\n", "late.js": ""}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    contents = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    sent = embed.with_bundles(contents)
    assert sorted(sent) == ["app.js", "b.js", "i18n/en.json", "index.html", "late.js", "style.css", "sub/a.js"]
    assert sent["style.css"] == b"t{}b{}v{}x{}"
    assert sent["i18n/en.json"] == b'{"a":"1","b":"2"}'
    assert re.findall(rb'console/([^"]+)', sent["index.html"]) == [b"app.js", b"sub/a.js", b"b.js"]
