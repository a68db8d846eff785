# SPDX-License-Identifier: MIT
"""install_test.py pkgconfig|cmake|links|uninstall BUILD_DIR CLIENT_DIR COMPILER

Installs the runtime and development parts into a prefix that exists for this test only, moves the tree
(the files must find their prefix themselves), builds a program against it and runs it.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import spec_facts


COMPONENTS = ("runtime", "tls", "development", "compat", "system")


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
    if done.returncode != 0:
        sys.exit("%s: exit %d\n%s%s" % (" ".join(command), done.returncode, done.stdout, done.stderr))
    return done.stdout


def install(build, folder):
    first = os.path.join(folder, "first")
    for component in COMPONENTS:
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
    os.remove(os.path.join(library_dir, "libvisa.so"))
    run([*stranger(folder, compiler), os.path.join(library_dir, "libvisa.so")])
    run([compiler, os.path.join(client, "client.c"), *flags, "-o", program])
    use(program, library_dir)


def cmake(prefix, library_dir, client, compiler, folder):
    build = os.path.join(folder, "build")
    run(["cmake", "-S", client, "-B", build, "-DCMAKE_PREFIX_PATH=" + prefix,
         "-DCMAKE_C_COMPILER=" + compiler])
    run(["cmake", "--build", build])
    use(os.path.join(build, "client"), library_dir)


NAMES = {"librsvisa.so": "librsvisa.so", "libktvisa32.so": "libktvisa32.so",
         "libiovisa.so": "libiovisa.so", "librsvisa": "librsvisa"}
LOAD = """
import ctypes, sys
def place(name):
    return ctypes.cast(ctypes.CDLL(name).viOpenDefaultRM, ctypes.c_void_p).value
assert len({place(name) for name in sys.argv[1:]}) == 1, "two tables of sessions"
"""


def dynamic(path):
    text = run(["readelf", "-d", path])
    return re.findall(r"\(SONAME\).*\[(.*)\]", text), re.findall(r"\(NEEDED\).*\[(.*)\]", text)


def loads(library_dir, folder):
    """By path before ldconfig, by name after it: from a prefix that is none of the loader's own."""
    paths = [os.path.join(library_dir, name) for name in (*NAMES, "libvisa.so.1")]
    for path in paths:
        run([sys.executable, "-c", LOAD, path])
    run([sys.executable, "-c", LOAD, *paths])
    ldconfig = shutil.which("ldconfig", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    own_mounts = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    if ldconfig is None or subprocess.run([*own_mounts, "true"], capture_output=True, check=False).returncode:
        print("not shown: dlopen by name (no ldconfig, or no mount namespace for this user)")
        return
    cache, listing = os.path.join(folder, "cache"), os.path.join(folder, "listing")
    with open(listing, "w", encoding="utf-8") as file:
        file.write("include /etc/ld.so.conf\n%s\n" % library_dir)
    run([ldconfig, "-f", listing, "-C", cache])
    script = 'mount --bind "$1" /etc/ld.so.cache && shift && exec "$@"'
    run([*own_mounts, "sh", "-c", script, "sh", cache, sys.executable, "-c", LOAD, *NAMES, "libvisa.so.1"])


def links(prefix, library_dir, client, compiler, folder):
    """With FREEVISA_COMPAT_LINKS: each name loads and links, and leads to the one library; the module and
    the header serve."""
    for name, soname in NAMES.items():
        if dynamic(os.path.join(library_dir, name)) != ([soname], ["libvisa.so.1"]):
            sys.exit("%s: %s" % (name, dynamic(os.path.join(library_dir, name))))
    loads(library_dir, folder)
    for flag in ("-lrsvisa", "-lktvisa32", "-liovisa"):
        program = os.path.join(folder, "client" + flag)
        run([compiler, "-I", os.path.join(prefix, "include"), os.path.join(client, "client.c"), "-L", library_dir,
             flag, "-o", program])
        use(program, library_dir)
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library_dir, "pkgconfig"))
    if shutil.which("pkg-config"):
        run(["pkg-config", "--atleast-version=0.0.20130412", "librevisa"], env=environment)
    source = os.path.join(folder, "forward.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("#include <rsvisa/visa.h>\nViSession session;\n")
    run([compiler, "-I", os.path.join(prefix, "include"), "-c", source,
         "-o", os.path.join(folder, "forward.o")])


def stranger(folder, compiler):
    """A library as NI's: its SONAME is libvisa.so, so ldconfig gives it that name."""
    source = os.path.join(folder, "stranger.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("int viOpenDefaultRM(int *vi) { return *vi = -1; }\n")
    return [compiler, "-shared", "-fPIC", source, "-Wl,-soname,libvisa.so", "-o"]


def uninstall(build, folder):
    """What was laid down is gone, and nothing else."""
    copy = os.path.join(folder, "build")
    prefix = os.path.join(folder, "prefix")
    os.makedirs(os.path.join(prefix, "lib"))
    kept = os.path.join(prefix, "lib", "other.so")
    open(kept, "w", encoding="utf-8").close()
    os.makedirs(copy)
    for component in COMPONENTS:
        run(["cmake", "--install", build, "--prefix", prefix, "--component", component])
        shutil.move(os.path.join(build, "install_manifest_%s.txt" % component), copy)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pkg", "uninstall.cmake")
    run(["cmake", "-DBUILD=" + copy, "-P", script])
    left = [os.path.join(path, name) for path, _, names in os.walk(prefix) for name in names]
    if left != [kept]:
        sys.exit("left after uninstall: %s" % left)
    named = [path for path, _, _ in os.walk(prefix) if "freevisa" in path.lower().replace(folder.lower(), "")]
    if named:
        sys.exit("folders left after uninstall: %s" % named)
    again = subprocess.run(["cmake", "-DBUILD=" + copy, "-P", script], capture_output=True, text=True, check=False)
    if again.returncode == 0 or "nothing was installed" not in again.stderr:
        sys.exit("a second uninstall does not say that there is nothing: " + again.stderr)


def main():
    kind, build, client, compiler = sys.argv[1:5]
    with tempfile.TemporaryDirectory() as folder:
        if kind == "uninstall":
            return uninstall(build, folder)
        prefix, library_dir = install(build, folder)
        {"pkgconfig": pkgconfig, "cmake": cmake, "links": links}[kind](
            prefix, library_dir, client, compiler, folder)
    return None


main()
