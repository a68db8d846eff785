// SPDX-License-Identifier: MIT
// How tests hold what has to be soon. A busy machine makes one run late now and then; a defect
// makes each run late. Any thread.
#pragma once

#include <chrono>

namespace visa::test {

/// True as soon as one of several runs of `body`, which returns how long it took, takes less than
/// `limit`.
template <class Body>
bool once_within(std::chrono::milliseconds limit, Body&& body) {
  constexpr int kRuns = 20;
  for (int i = 0; i < kRuns; ++i) {
    if (body() < limit) return true;
  }
  return false;
}

}  // namespace visa::test
