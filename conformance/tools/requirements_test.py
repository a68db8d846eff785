# SPDX-License-Identifier: MIT
"""requirements_test.py CMAKE GENERATOR SOURCE_DIR: a configuration that finds nothing ends with ONE message, which names
every Debian package and the switch that leaves it out; the preset a user installs from needs no test tool."""
import json
import os
import subprocess
import sys
import tempfile

cmake, generator, source = sys.argv[1:4]
# find_path then looks nowhere, as on a computer without the packages.
NOWHERE = ["-DCMAKE_FIND_ROOT_PATH=/nowhere", "-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY",
           "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_Python3=ON"]
NEEDED = ["libspdlog-dev", "libfmt-dev", "libtomlplusplus-dev"]
TOOLS = ["nlohmann-json3-dev", "libcli11-dev"]  # of the freevisa command
TEST_TOOLS = ["libgtest-dev", "libgmock-dev", "python3"]


def missing(*options):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([cmake, "-G", generator, "-S", source, "-B", folder, *NOWHERE, *options], capture_output=True,
                              text=True, timeout=300, check=False)
    if done.returncode == 0 or done.stderr.count("CMake Error") != 1:
        sys.exit("expected exactly one error:\n" + done.stderr)
    install = [line for line in done.stderr.splitlines() if "sudo apt install" in line]
    if len(install) != 1:
        sys.exit("expected one line to install by:\n" + done.stderr)
    return install[0].split("install ")[1].split(), done.stderr


packages, text = missing("-DFREEVISA_BUILD_TESTS=ON")
if sorted(packages) != sorted(NEEDED + TOOLS + TEST_TOOLS) or text.count("-DFREEVISA_BUILD_TESTS=OFF") != 3:
    sys.exit("with tests: %s\n%s" % (packages, text))
packages, text = missing("-DFREEVISA_BUILD_TESTS=OFF")
if sorted(packages) != sorted(NEEDED + TOOLS) or "for the trace" not in text or \
        text.count("-DFREEVISA_BUILD_TOOLS=OFF") != 2:
    sys.exit("without tests: %s\n%s" % (packages, text))
packages, text = missing("-DFREEVISA_BUILD_TESTS=OFF", "-DFREEVISA_TLS=ON")
if "libssl-dev" not in packages or "-DFREEVISA_TLS=OFF" not in text:
    sys.exit("with TLS: %s\n%s" % (packages, text))
packages, text = missing("-DFREEVISA_BUILD_TESTS=OFF", "-DFREEVISA_LIBSERIALPORT=ON", "-DFREEVISA_TLS=OFF",
                         "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON")
if "libserialport-dev" not in packages or "-DFREEVISA_LIBSERIALPORT=OFF" not in text:
    sys.exit("with libserialport: %s\n%s" % (packages, text))
packages, text = missing("-DFREEVISA_BUILD_TESTS=OFF", "-DFREEVISA_BUILD_TOOLS=OFF")
if sorted(packages) != sorted(NEEDED):
    sys.exit("the library alone: %s\n%s" % (packages, text))
with open(os.path.join(source, "CMakePresets.json"), encoding="utf-8") as file:
    presets = {one["name"]: one["cacheVariables"] for one in json.load(file)["configurePresets"]}
if presets["release"].get("FREEVISA_BUILD_TESTS") != "OFF":
    sys.exit("preset release builds tests")
