# SPDX-License-Identifier: MIT
"""transcripts.py BUILD_DIR: writes anew what the commands of docs/command.md print.

Each block ```console of that file has commands ("$ ...") and their output. run.py compares.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import bench  # noqa: E402

DOCUMENT = os.path.join(HERE, "..", "..", "..", "docs", "command.md")
USER = "# No network and no serial port of this computer.\n" + bench.ALONE
# What differs from run to run, and what stands for it.
CHANGING = [(re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "2026-01-01T12:00:00.000Z"),
            (re.compile(r'"seconds":[0-9.e-]+'), '"seconds":0.001'),
            (re.compile(r"(installation +).*"), r"\1/usr/local/etc/freevisa/freevisa.toml (none)"),
            (re.compile(r"(system +/etc/freevisa/freevisa.toml).*"), r"\1 (none)")]


class Session:
    """A shell's home with the bench's configuration in it."""

    def __init__(self, build):
        self.home = os.path.realpath(tempfile.mkdtemp(prefix="freevisa-transcripts-"))
        self.shown_home = "/home/anna"
        os.makedirs(os.path.join(self.home, ".config", "freevisa"))
        with open(os.path.join(self.home, ".config", "freevisa", "freevisa.toml"), "w", encoding="ascii") as file:
            file.write(USER)
        self.configuration = os.path.join(self.home, "bench.toml")
        self.environment = {"PATH": os.path.abspath(build) + ":" + os.environ["PATH"], "HOME": self.home,
                            "FREEVISA_CONFIG": self.configuration, "LC_ALL": "C.UTF-8"}

    def run(self, command):
        done = subprocess.run(["bash", "-c", command], cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        text = done.stdout.decode("utf-8", "replace").replace(self.home, self.shown_home)
        for pattern, shown in CHANGING:
            text = pattern.sub(shown, text)
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.home, ignore_errors=True)


def regenerate(text, session):
    """`text` with the output of its commands."""
    lines, inside = [], False
    for line in text.split("\n"):
        if line.startswith("```"):
            inside = line == "```console"
            lines.append(line)
        elif not inside:
            lines.append(line)
        elif line.startswith("$ "):
            lines.append(line)
            # The bench runs already, and each command has a shell of its own.
            if not line.endswith("&") and not line.startswith("$ export "):
                lines += session.run(line[2:]).splitlines()
    return "\n".join(lines)


def bench_command(freevisa, session):
    """The bench at its usual ports, which writes the configuration of `session`."""
    return bench.command(freevisa) + ["--no-serial", "--config-out", session.configuration]


def compare(session):
    """What the document has and what it should have; the bench must have been started anew."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    return text, regenerate(text, session)


def main(build):
    with Session(build) as session, bench.Bench(bench_command(os.path.join(build, "freevisa"), session)):
        _, after = compare(session)
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(after)


if __name__ == "__main__":
    bench.own_network(bench.VXI11_PORT)
    main(sys.argv[1])
