# SPDX-License-Identifier: MIT
"""run.py linked|loaded|formatted|formatted_cpp|fixed_name BUILD_DIR COMPILER

The C programs of this folder, built the way a user builds them, against an installed copy, and run
against the bench. `linked`: cc -std=c89 with the flags pkg-config gives. `loaded`: no library at link
time; the program opens it by its full name, and once more by `libvisa.so.1`. `formatted`,
`formatted_cpp`: viPrintf and its family as drivers in C89 and C++11 use them, over SOCKET and over
VXI-11. `fixed_name`: a program for one address on GPIB, over SOCKET and over VXI-11 instead.
"""
import itertools
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import bench  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
PROGRAMS = {"linked": ["linked.c", "job.c"], "loaded": ["loaded.c", "job.c"],
            "formatted": ["formatted.c"], "formatted_cpp": ["formatted_cpp.cpp"],
            "fixed_name": ["fixed_name.c"]}
FIXED_NAME = 'instead_of = "GPIB0::2::INSTR"\n'


def run(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                          env=dict(os.environ, **environment))
    print("$ %s\n%s%s" % (" ".join(os.path.basename(word) for word in command[:2]), done.stdout,
                          done.stderr), end="")
    if done.returncode != 0:
        sys.exit("exit code %d" % done.returncode)
    return done.stdout


def install(build, folder):
    for component in ("runtime", "development"):
        run(["cmake", "--install", build, "--prefix", folder, "--component", component])
    for path, _, names in os.walk(folder):
        if "libvisa.so.1" in names:
            return path
    sys.exit("libvisa.so.1 is not installed")


def main():
    kind, build, compiler = sys.argv[1:4]
    if not shutil.which("pkg-config"):
        print("skipped: pkg-config is not installed")
        sys.exit(77)
    bench.own_network(bench.VXI11_PORT, bench.VXI11_PORT + 1)
    with tempfile.TemporaryDirectory(prefix="freevisa-c-") as folder:
        place = install(build, os.path.join(folder, "prefix"))
        config = os.path.join(folder, "bench.toml")
        pkgconfig = {"PKG_CONFIG_PATH": os.path.join(place, "pkgconfig")}
        loaded = kind == "loaded"
        wanted = ["--cflags"] if loaded else ["--cflags", "--libs"]
        flags = run(["pkg-config", *wanted, "visa"], **pkgconfig).split()
        program = os.path.join(folder, kind)
        sources = [os.path.join(HERE, name) for name in PROGRAMS[kind]]
        standard = "-std=c++11" if kind == "formatted_cpp" else "-std=c89"
        run([compiler, standard, *WARNINGS, *sources, *flags, "-ldl" if loaded else "-lm",
             "-o", program])
        here = {"LD_LIBRARY_PATH": place, "FREEVISA_CONFIG": config}
        names = [[os.path.join(place, "libvisa.so.1")], ["libvisa.so.1"]] if loaded else [[]]
        wires = [bench.configuration(instr=False)]
        if kind.startswith("formatted"):
            wires.append(bench.vxi11_configuration())
        if kind == "fixed_name":
            # Nothing but the name and what it replaces: END is the library's business.
            plain = '[[resource]]\nname = "%s"\n' % bench.name("scope")
            alias = 'alias = "scope"\n'
            wires = [plain + FIXED_NAME,
                     bench.vxi11_configuration().replace(alias, alias + FIXED_NAME)]
        with bench.Bench(bench.command(os.path.join(build, "freevisa"))):
            for arguments, wire in itertools.product(names, wires):
                with open(config, "w", encoding="ascii") as file:
                    file.write(wire)
                if "all done" not in run([program, *arguments], **here):
                    sys.exit("the job was not finished")


main()
