// SPDX-License-Identifier: MIT
// Checks clauses.tsv, which lists every clause that binds a library, with the rules that check it
// or the reason why none does: it must list every rule, and every rule that it lists must exist.
#pragma once

#include "conformance/rules/check.h"

namespace visa::rules {

/// Prints each disagreement; false if there is one.
bool ledger_agrees(const Facts& facts, const Rules& rules);

}  // namespace visa::rules
