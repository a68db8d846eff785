# SPDX-License-Identifier: MIT
"""As on a machine where FreeVISA is installed: no environment, no argument, no .pyvisarc.

PyVISA looks for `libvisa` in what `ldconfig -p` prints. The library is copied into a folder of its own,
a loader cache that lists the folder is made beside it, and a mount namespace lays it over
/etc/ld.so.cache: nothing on the machine changes, and nothing is left behind.
"""
import os
import shutil
import subprocess
import sys

import pytest
import pyvisa

import bench

LDCONFIG = shutil.which("ldconfig", path=os.environ.get("PATH", "") + ":/sbin:/usr/sbin")
ASK = """
import pyvisa
rm = pyvisa.ResourceManager()
print(rm.visalib.library_path)
print(rm.list_resources("?*"))
print(rm.open_resource(%r, read_termination="\\n").query("*IDN?"))
""" % bench.name("dmm")


class Installed:
    def __init__(self, folder, library):
        self.folder = str(folder)
        self.place = os.path.join(self.folder, "lib")
        os.mkdir(self.place)
        self.library = shutil.copy(os.path.realpath(library), self.place)
        os.symlink(os.path.basename(self.library), os.path.join(self.place, "libvisa.so.1"))
        self.cache = os.path.join(self.folder, "ld.so.cache")
        listing = os.path.join(self.folder, "ld.so.conf")
        with open(listing, "w", encoding="ascii") as file:
            file.write("include /etc/ld.so.conf\n%s\n" % self.place)
        subprocess.run([LDCONFIG, "-X", "-f", listing, "-C", self.cache], check=True, timeout=60,
                       capture_output=True)
        self.flags = "-m" if os.geteuid() == 0 else "-rm"

    def run(self, command):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("PYVISA", "PYTHONPATH"))}
        script = 'mount --bind "$1" /etc/ld.so.cache && shift && exec "$@"'
        return subprocess.run(
            ["unshare", self.flags, "sh", "-c", script, "sh", self.cache, *command],
            capture_output=True, text=True, timeout=60, check=False, env=environment)


@pytest.fixture
def installed(tmp_path, library):
    if LDCONFIG is None or shutil.which("unshare") is None:
        pytest.skip("ldconfig or unshare is not here")
    here = Installed(tmp_path, library)
    tried = here.run(["true"])
    if tried.returncode != 0:
        pytest.skip("this user may not have a mount namespace: " + tried.stderr.strip())
    return here


def test_pyvisa_finds_the_installed_library_by_itself(installed):
    """Pain 40: library not found. `pyvisa.ResourceManager()`, and nothing else said."""
    done = installed.run([sys.executable, "-c", ASK])
    assert done.returncode == 0, done.stderr
    path, listed, answer = done.stdout.strip().split("\n")
    assert os.path.realpath(path) == installed.library
    assert bench.name("dmm") in listed
    assert answer.startswith("FreeVISA,Virtual")


def test_the_loader_lists_the_library_under_its_soname(installed):
    listed = installed.run([LDCONFIG, "-p"]).stdout
    assert "libvisa.so.1 " in listed and installed.place in listed


def visa_info(installed):
    program = os.path.join(os.path.dirname(sys.executable), "pyvisa-info")
    done = installed.run([program])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pyvisa_info_shows_whose_library_it_is(installed):
    """Version 1.11.3 prints the vendor in all three places (its own mistake, fixed in 1.12); what it
    asked for is held by test_the_manager_says_vendor_implementation_and_specification."""
    shown = visa_info(installed)
    assert installed.library in shown
    assert "Could not get more info" not in shown
    assert "Vendor: FreeVISA" in shown
    if pyvisa.__version__ == "1.11.3":
        assert shown.count("FreeVISA\n") == 3
    else:
        lines = dict(line.strip().split(": ", 1) for line in shown.split("\n")
                     if ". Version: " in line)
        assert int(lines["Impl. Version"]) > 0
        assert int(lines["Spec. Version"]) == 0x00700200
