#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows that check_form.py and check_commits.py find what they are there for."""
import unittest

import check_commits
from checked_tree import CheckedTree

HEAD = "// SPDX-License-Identifier: MIT\n// What this is for.\n"


class CheckForm(CheckedTree):
    CHECKER = "check_form.py"

    def test_a_plain_file_is_fine(self):
        self.expect({"lib/base/a.cpp": HEAD + "int f() {\n  return 1;\n}\n"}, None)

    def test_a_file_without_a_head_is_found(self):
        self.expect({"lib/base/a.h": "// SPDX-License-Identifier: MIT\n#pragma once\n"}, "no comment after the licence")

    def test_a_long_function_is_found(self):
        body = "  g();\n" * 60
        self.expect({"lib/base/a.cpp": HEAD + "void f(int a) {\n" + body + "}\n"}, "62 lines in one function")

    def test_a_long_method_is_found(self):
        body = "    g();\n" * 60
        self.expect({"tools/sim/a.cpp": HEAD + "class A {\n  void f() {\n" + body + "  }\n};\n"}, "62 lines in one function")

    def test_a_long_table_is_no_function(self):
        rows = "  {1},\n" * 90
        self.expect({"lib/model/a.cpp": HEAD + "constexpr Row kRows[] = {\n" + rows + "};\n"}, None)

    def test_a_circle_of_files_is_found(self):
        self.expect(
            {"lib/base/a.h": HEAD + '#include "lib/base/b.h"\n', "lib/base/b.h": HEAD, "lib/base/b.cpp": HEAD + '#include "lib/base/a.h"\n'},
            "circle of includes: lib/base/a, lib/base/b")

    def test_a_private_word_is_found(self):
        self.expect({"lib/base/a.cpp": HEAD + "// The user is told.\n"}, "is told")


class CheckCommits(unittest.TestCase):
    def problems(self, message):
        return list(check_commits.problems_of(message))

    def test_a_good_message_is_fine(self):
        self.assertEqual(self.problems("Do a thing\n\nIt failed for users.\n"), [])

    def test_a_long_subject_a_missing_line_and_a_missing_body_are_found(self):
        self.assertEqual(len(self.problems("x" * 73 + "\n\nWhy.\n")), 1)
        self.assertIn("no empty line", self.problems("Do a thing\nIt failed.\n")[0])
        self.assertIn("no body", self.problems("Do a thing\n")[0])


if __name__ == "__main__":
    unittest.main()
