#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows that check_layers.py finds what it is there for, in a tree made for the purpose."""
import unittest

import check_layers
from checked_tree import CheckedTree

SPDX = "// SPDX-License-Identifier: MIT\n"


class CheckLayers(CheckedTree):
    CHECKER = "check_layers.py"

    def expect_of(self, path, text, complaint):
        self.expect({path: text}, complaint)

    def test_an_include_downward_is_fine(self):
        self.expect_of("lib/core/a.cpp", SPDX + '#include "lib/model/x.h"\n', None)

    def test_an_include_upward_is_found(self):
        self.expect_of("lib/model/a.cpp", SPDX + '#include "lib/core/x.h"\n', "may not use lib/core")

    def test_a_driver_may_not_use_another(self):
        self.expect_of("drivers/vxi11/a.cpp", SPDX + '#include "drivers/socket/x.h"\n', "may not use drivers/socket")

    def test_a_driver_may_not_use_the_core(self):
        self.expect_of("drivers/socket/a.cpp", SPDX + '#include "lib/core/session.h"\n', "may not use lib/core")

    def test_the_folders_of_the_bench_have_a_table_of_their_own(self):
        self.expect_of("tools/sim/scpi/a.cpp", SPDX + '#include "tools/sim/engine/x.h"\n', None)
        self.expect_of("tools/sim/engine/a.cpp", SPDX + '#include "tools/sim/scpi/x.h"\n', "may not use tools/sim/scpi")

    def test_every_row_of_the_bench_names_only_folders_above_it(self):
        known = {"lib/toml"}
        for folder, others in check_layers.SIM.items():
            self.assertLessEqual(set(others), known, folder)
            known.add(folder)

    def test_a_wire_of_the_bench_may_not_use_another(self):
        self.expect_of("tools/sim/socket/a.cpp", SPDX + '#include "tools/sim/vxi11/x.h"\n', "may not use tools/sim/vxi11")

    def test_a_file_of_the_bench_outside_of_its_folders_may_use_none(self):
        self.expect_of("tools/sim/a.cpp", SPDX + '#include "tools/sim/base/x.h"\n', "may not use tools/sim/base")
        self.expect_of("tools/sim/base/a.cpp", SPDX + '#include "tools/sim/x.h"\n', "may not use tools/sim")

    def test_the_command_uses_no_wire_of_the_bench(self):
        self.expect_of("tools/freevisa/a.cpp", SPDX + '#include "tools/sim/bench/x.h"\n', None)
        self.expect_of("tools/freevisa/a.cpp", SPDX + '#include "tools/sim/vxi11/x.h"\n', "may not use tools/sim/vxi11")

    def test_a_long_file_is_found(self):
        self.expect_of("lib/base/a.cpp", SPDX + "//\n" * 400, "401 lines")

    def test_a_bare_catch_all_is_found(self):
        self.expect_of("lib/base/a.cpp", SPDX + "void f() { try { g(); } catch (...) { } }\n", "catch (...)")

    def test_a_catch_all_behind_the_forced_unwind_clause_is_fine(self):
        text = "void f() { try { g(); } catch (abi::__forced_unwind&) { throw; } catch (...) { } }\n"
        self.expect_of("lib/base/a.cpp", SPDX + text, None)

    def test_the_clause_of_another_statement_does_not_count(self):
        text = (
            "void f() { try { g(); } catch (abi::__forced_unwind&) { throw; } catch (...) { }\n"
            "try { h(); } catch (...) { } }\n"
        )
        self.expect_of("lib/base/a.cpp", SPDX + text, "a.cpp:3: catch (...)")

    def test_a_file_without_its_licence_is_found(self):
        self.expect_of("lib/base/a.cpp", "int a;\n", "no SPDX")

    def test_an_empty_tree_is_no_success(self):
        self.assertEqual(self.run_checker({})[0], 1)


if __name__ == "__main__":
    unittest.main()
