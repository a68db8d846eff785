// SPDX-License-Identifier: MIT
// clauses.tsv: every clause that binds a library, with the rules that check it or the reason why
// none does. What keeps it honest: each rule stands in it, and each rule it names exists.
#pragma once

#include "conformance/rules/check.h"

namespace visa::rules {

// Prints what disagrees; false if anything does.
bool ledger_agrees(const Facts& facts, const Rules& rules);

}  // namespace visa::rules
