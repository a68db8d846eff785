# SPDX-License-Identifier: MIT
"""What the tests of check_form.py and check_layers.py share: a tree made for one test, and what a checker says of it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest


class CheckedTree(unittest.TestCase):
    """A test of one checker; `CHECKER` is its file name, in this folder."""

    CHECKER = ""

    def run_checker(self, files):
        """Runs the checker on a tree with `files` (path -> text); returns its exit status and its output."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            checker = pathlib.Path(__file__).with_name(self.CHECKER)
            done = subprocess.run([sys.executable, checker, folder], capture_output=True, text=True, timeout=30)
            return done.returncode, done.stdout

    def expect(self, files, complaint):
        """`complaint` is a part of what the checker must say; None: it must have no objection."""
        status, output = self.run_checker(files)
        if complaint is None:
            self.assertEqual(status, 0, output)
        else:
            self.assertEqual(status, 1, output)
            self.assertIn(complaint, output)
