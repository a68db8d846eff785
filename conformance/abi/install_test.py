# SPDX-License-Identifier: MIT
"""install_test.py pkgconfig|cmake|links BUILD_DIR CLIENT_DIR COMPILER

Installs the runtime and development parts into a prefix that exists for this test only, moves the tree
(the files must find their prefix themselves), builds a program against it and runs it.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import spec_facts


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
    if done.returncode != 0:
        sys.exit("%s: exit %d\n%s%s" % (" ".join(command), done.returncode, done.stdout, done.stderr))
    return done.stdout


def install(build, folder):
    first = os.path.join(folder, "first")
    for component in ("runtime", "development"):
        run(["cmake", "--install", build, "--prefix", first, "--component", component])
    prefix = os.path.join(folder, "moved")
    os.rename(first, prefix)
    for path, _, names in os.walk(prefix):
        if "libvisa.so.1" in names:
            return prefix, path
    sys.exit("libvisa.so.1 is not installed")


def use(program, library_dir):
    environment = dict(os.environ, LD_LIBRARY_PATH=library_dir)
    shown = run([program], env=environment)
    print(shown)
    if "VISA 7.2" not in shown:
        sys.exit("the program did not show what it asked")


def pkgconfig(prefix, library_dir, client, compiler, folder):
    if not shutil.which("pkg-config"):
        spec_facts.skip("pkg-config is not installed")
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library_dir, "pkgconfig"))
    flags = run(["pkg-config", "--cflags", "--libs", "visa"], env=environment).split()
    program = os.path.join(folder, "client")
    run([compiler, os.path.join(client, "client.c"), *flags, "-o", program])
    use(program, library_dir)


def cmake(prefix, library_dir, client, compiler, folder):
    build = os.path.join(folder, "build")
    run(["cmake", "-S", client, "-B", build, "-DCMAKE_PREFIX_PATH=" + prefix,
         "-DCMAKE_C_COMPILER=" + compiler])
    run(["cmake", "--build", build])
    use(os.path.join(build, "client"), library_dir)


def links(prefix, library_dir, client, compiler, folder):
    """With FREEVISA_COMPAT_LINKS: the names lead to the one file, the module and header serve."""
    for name in ("librsvisa.so", "libktvisa32.so", "libiovisa.so"):
        path = os.path.join(library_dir, name)
        if not os.path.islink(path) or not os.path.samefile(
                path, os.path.join(library_dir, "libvisa.so.1")):
            sys.exit(name + " is no link to libvisa.so.1")
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library_dir, "pkgconfig"))
    if shutil.which("pkg-config"):
        run(["pkg-config", "--atleast-version=0.0.20130412", "librevisa"], env=environment)
    source = os.path.join(folder, "forward.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("#include <rsvisa/visa.h>\nViSession session;\n")
    run([compiler, "-I", os.path.join(prefix, "include"), "-c", source,
         "-o", os.path.join(folder, "forward.o")])


def main():
    kind, build, client, compiler = sys.argv[1:5]
    with tempfile.TemporaryDirectory() as folder:
        prefix, library_dir = install(build, folder)
        {"pkgconfig": pkgconfig, "cmake": cmake, "links": links}[kind](
            prefix, library_dir, client, compiler, folder)


main()
