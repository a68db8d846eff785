# SPDX-License-Identifier: MIT
"""PEP 517 backend of the package freevisa: makes a wheel of the Python files here and of an installed FreeVISA.

FREEVISA_WHEEL_PREFIX=DIR   packs what `cmake --install --prefix DIR` laid down (pkg/wheel/manylinux.sh does so);
                            without it the library is built for this computer, in build/wheel of the tree
FREEVISA_WHEEL_TAG=TAG      the platform of the wheel, linux_ARCH if left out
"""
import base64
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sysconfig
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
SUMMARY = "Open VISA library (libvisa), PyVISA backend, and virtual instruments"


def _version():
    with open(os.path.join(TREE, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(FreeVISA VERSION ([0-9.]+)", file.read()).group(1)


def _metadata():
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    return ("Metadata-Version: 2.1\nName: freevisa\nVersion: %s\nSummary: %s\nLicense: MIT\nRequires-Python: >=3.8\n"
            "Requires-Dist: pyvisa>=1.11\nClassifier: License :: OSI Approved :: MIT License\n"
            "Classifier: Operating System :: POSIX :: Linux\nDescription-Content-Type: text/markdown\n\n%s"
            % (_version(), SUMMARY, readme))


def _install(folder):
    """Builds the library for this computer and installs it below `folder`."""
    build = os.path.join(TREE, "build", "wheel")
    subprocess.check_call(["cmake", "-S", TREE, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DFREEVISA_BUILD_TESTS=OFF",
                           "-DCMAKE_INSTALL_LIBDIR=_lib", "-DCMAKE_INSTALL_BINDIR=_bin",
                           "-DFREEVISA_INSTALL_SYSTEM_FILES=OFF"])
    subprocess.check_call(["cmake", "--build", build, "-j", str(os.cpu_count() or 1)])
    for component in ("runtime", "tls", "tool"):
        subprocess.check_call(["cmake", "--install", build, "--prefix", folder, "--strip", "--component", component])


def _library_files(prefix):
    """(path, name in the wheel) of what is installed; the names say nothing of links."""
    for path, _, names in os.walk(os.path.join(prefix, "_lib")):
        for name in names:
            full = os.path.join(path, name)
            inside = os.path.relpath(full, os.path.join(prefix, "_lib"))
            wanted = name == "libvisa.so.1" or inside == os.path.join("freevisa-modules", "tls.so") or "libusb" in name
            if wanted:
                yield os.path.realpath(full), "freevisa/_lib/" + inside
    for licence in sorted(os.listdir(os.path.join(prefix, "licences"))) if os.path.isdir(
            os.path.join(prefix, "licences")) else []:
        yield os.path.join(prefix, "licences", licence), "freevisa-%s.dist-info/licenses/%s" % (_version(), licence)
    yield os.path.join(prefix, "_bin", "freevisa"), "freevisa/_bin/freevisa"


def _python_files():
    for package in ("freevisa", "pyvisa_freevisa"):
        for name in sorted(os.listdir(os.path.join(HERE, package))):
            if name.endswith(".py") and name != "_version.py":
                yield os.path.join(HERE, package, name), package + "/" + name


class _Wheel:
    """A wheel in the making; the same content gives the same bytes."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record = []

    def add(self, name, data, mode=0o644):
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.external_attr = (stat.S_IFREG | mode) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append("%s,sha256=%s,%d\n" % (name, digest, len(data)))

    def add_file(self, path, name):
        with open(path, "rb") as file:
            self.add(name, file.read(), 0o755 if os.access(path, os.X_OK) else 0o644)

    def close(self, info):
        name = info + "/RECORD"
        record = "".join(self.record) + name + ",,\n"
        self.zip.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), record)
        self.zip.close()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    tag = os.environ.get("FREEVISA_WHEEL_TAG") or sysconfig.get_platform().replace("-", "_").replace(".", "_")
    name = "freevisa-%s-py3-none-%s.whl" % (_version(), tag)
    info = "freevisa-%s.dist-info" % _version()
    prefix = os.environ.get("FREEVISA_WHEEL_PREFIX")
    made = None
    if not prefix:
        prefix = made = tempfile.mkdtemp()
        _install(prefix)
    try:
        wheel = _Wheel(os.path.join(wheel_directory, name))
        for path, inside in [*_python_files(), *sorted(_library_files(prefix), key=lambda pair: pair[1])]:
            wheel.add_file(path, inside)
        wheel.add("freevisa/_version.py", ('"""The version of the library."""\n__version__ = "%s"\n' % _version()).encode())
        wheel.add_file(os.path.join(TREE, "LICENSE"), info + "/licenses/LICENSE")
        wheel.add(info + "/METADATA", _metadata().encode())
        wheel.add(info + "/WHEEL", ("Wheel-Version: 1.0\nGenerator: freevisa\nRoot-Is-Purelib: false\nTag: py3-none-%s\n"
                                    % tag).encode())
        wheel.add(info + "/entry_points.txt", b"[console_scripts]\nfreevisa = freevisa:main\n")
        wheel.close(info)
    finally:
        if made:
            shutil.rmtree(made)
    return name


def get_requires_for_build_wheel(config_settings=None):
    return []
