#!/usr/bin/env python3
"""Writes the main function of a layer's test program: runner.py --out FILE SUITE...

The program runs all suites, or those that its arguments name, and returns the number of failed tests (at most 125).
"""
import argparse
import pathlib

_TEXT = """/* Written by tests/unit/support/runner.py. */
#include <stdio.h>
#include <string.h>

{declarations}
static const struct {{
    const char *name;
    int (*run)(void);
}} suites[] = {{
{rows}}};

static int is_wanted(const char *name, int argc, char **argv)
{{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return argc == 1;
}}

int main(int argc, char **argv)
{{
    int failed = 0;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        if (is_wanted(suites[i].name, argc, argv))
            failed += suites[i].run();
    return failed < 125 ? failed : 125;
}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("suites", nargs="+")
    args = parser.parse_args()
    declarations = "".join(f"int suite_{name}(void);\n" for name in args.suites)
    rows = "".join(f'    {{"{name}", suite_{name}}},\n' for name in args.suites)
    args.out.write_text(_TEXT.format(declarations=declarations, rows=rows), encoding="ascii")


if __name__ == "__main__":
    main()
