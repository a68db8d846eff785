// SPDX-License-Identifier: MIT
// Invariant: `innermost` is the note of the innermost operation of this thread; notes live on its
// stack.
#include "lib/core/detail_note.h"

#include <exception>

namespace visa::core {
namespace {

thread_local DetailNote* innermost = nullptr;

}  // namespace

DetailNote::DetailNote() noexcept : outer_(innermost) {
  innermost = this;
}

DetailNote::~DetailNote() {
  innermost = outer_;
}

std::string_view DetailNote::of(Status status) const noexcept {
  return status == status_ ? std::string_view(detail_) : std::string_view();
}

void DetailNote::take(Status status, std::string_view detail) noexcept {
  if (innermost == nullptr) return;
  try {
    innermost->detail_.assign(detail);
    innermost->status_ = status;
  } catch (const std::exception&) {
    innermost->status_ = Status::success;
  }
}

}  // namespace visa::core
