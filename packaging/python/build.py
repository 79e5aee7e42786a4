#!/usr/bin/env python3
"""Builds the wheel for a program. Prints its path.

    packaging/python/build.py [--program FILE] [--licences FOLDER] [--out FOLDER]

Without a program the wheel carries none and fits every platform. Needs the package hatchling. The same inputs make the
same bytes.
"""
import argparse
import os
import pathlib

from hatchling.builders.wheel import WheelBuilder

HERE = pathlib.Path(__file__).resolve().parent


def build(out, program=None, licences=None):
    for name, path in (("VIRGA_WHEEL_PROGRAM", program), ("VIRGA_WHEEL_LICENCES", licences)):
        os.environ.pop(name, None)
        if path:
            os.environ[name] = os.path.abspath(path)
    return next(WheelBuilder(str(HERE)).build(directory=str(out), versions=["standard"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Builds the wheel for a program and prints its path.")
    parser.add_argument("--program", help="the program that the wheel carries")
    parser.add_argument("--licences", help="a folder with the licences of what is linked into the program")
    parser.add_argument("--out", default=HERE.parents[1] / "build/python", help="the folder of the wheel (build/python)")
    options = parser.parse_args()
    print(build(options.out, options.program, options.licences))
