// SPDX-License-Identifier: MIT
// The way of every operation through a session: register the call and take the lane, then ask for
// the lock (no system call), then the body. For the
// sources of Session and for lib/abi/facet.h.
#pragma once

#include <chrono>
#include <utility>

#include "lib/core/session.h"

namespace visa::core {

inline void explain_signal(Call& call) {
  call.detail = "a signal arrived while the call waited, and abort_on_signal in [settings] is true";
}

template <class Body>
Status Session::transfer(Call& call, Lane wanted, Body&& body) {
  Status status = Status::success;
  call.timeout = std::chrono::milliseconds(store().timeout());
  {
    const Passage passage(traffic(), call, lane(wanted));
    status = passage.status();
    if (ok(status)) status = check_lock(call);
    if (ok(status)) status = body(call);
    if (status == Status::error_abort && call.ended_by_signal()) explain_signal(call);
    if (!call.detail.empty()) remember(status, std::move(call.detail));
  }
  if (abandoned_.load(std::memory_order_acquire)) close_channel();
  return status;
}

template <class Body>
Status Session::transfer(Lane wanted, Body&& body) {
  Call call(store().deadline());
  return transfer(call, wanted, std::forward<Body>(body));
}

template <class Facet, class Body>
Status Session::with_facet(Facet* spi::Facets::*which, Body&& body) {
  if (!has(which)) return Status::error_nsup_oper;
  return transfer(Lane::both, [&](Call& call) -> Status {
    auto* facet = channel_->facets().*which;
    return facet != nullptr ? body(*facet, call, *this) : Status::error_nsup_oper;
  });
}

}  // namespace visa::core
