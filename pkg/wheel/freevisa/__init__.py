# SPDX-License-Identifier: MIT
"""FreeVISA's libvisa and its command `freevisa`, installed without root.

PyVISA takes the library by `pyvisa.ResourceManager("@freevisa")`; after `freevisa pyvisa-default` also without an
argument. Other programs load the file that `library_path()` names.
"""
import configparser
import os
import subprocess
import sys

from freevisa._version import __version__

__all__ = ["library_path", "command_path", "main", "__version__"]

_HERE = os.path.dirname(os.path.abspath(__file__))

_DEFAULT_HELP = """freevisa pyvisa-default - let pyvisa.ResourceManager() take this FreeVISA

Usage:
  freevisa pyvisa-default [--off]

Writes `visa library` in {path}, which PyVISA reads. It counts for this
Python environment only; the user's ~/.pyvisarc and the variable PYVISA_LIBRARY come before it.

Options:
  --off       take the line out again
  -h, --help  print this
"""


def library_path():
    """The file libvisa.so.1 of this package."""
    return os.path.join(_HERE, "_lib", "libvisa.so.1")


def command_path():
    """The command freevisa of this package."""
    return os.path.join(_HERE, "_bin", "freevisa")


def _pyvisarc():
    return os.path.join(sys.prefix, "share", "pyvisa", ".pyvisarc")


def _pyvisa_default(arguments):
    """`freevisa pyvisa-default`; returns the exit code."""
    path = _pyvisarc()
    if arguments in (["--help"], ["-h"]):
        print(_DEFAULT_HELP.format(path=path), end="")
        return 0
    if arguments not in ([], ["--off"]):
        print("freevisa: pyvisa-default takes no %s\nTry 'freevisa pyvisa-default --help'." % arguments[0],
              file=sys.stderr)
        return 2
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
        if not parser.has_section("Paths"):
            parser.add_section("Paths")
        if arguments:
            parser.remove_option("Paths", "visa library")
        else:
            # PyVISA reads the file with interpolation, where % is a special character.
            parser.set("Paths", "visa library", library_path().replace("%", "%%"))
        if not parser.options("Paths"):
            parser.remove_section("Paths")
        if parser.sections():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                parser.write(file)
        elif os.path.exists(path):
            os.remove(path)
    except (OSError, configparser.Error) as error:
        print("freevisa: cannot change %s: %s" % (path, error), file=sys.stderr)
        return 1
    print("%s: pyvisa.ResourceManager() takes %s" % (path, "its own choice" if arguments else library_path()))
    return 0


def main():
    """The command `freevisa`: pyvisa-default is of Python, all others are of the program."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["pyvisa-default"]:
        sys.exit(_pyvisa_default(arguments[1:]))
    if arguments in (["--help"], ["-h"], ["help"]):
        code = subprocess.call([command_path(), *arguments])
        print("\nOf the Python package: 'freevisa pyvisa-default [--off]' lets pyvisa.ResourceManager() take this library.")
        sys.exit(code)
    os.execv(command_path(), ["freevisa", *arguments])
