"""python -m virga: the program itself, also where the folder of scripts is not on PATH."""
import os
import sys

from virga.process import find_program

program = find_program()
os.execv(program, [program, *sys.argv[1:]])
