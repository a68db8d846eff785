// SPDX-License-Identifier: MIT
// The exported functions that only some wires have: each is one call of `on_facet` with the group
// of operations it belongs to. Where the wire has none, the answer is VI_ERROR_NSUP_OPER: a dead
// handle is reported first, and never a success.
#pragma once

#include <utility>

#include "lib/abi/guard.h"
#include "lib/core/session_transfer.h"
#include "lib/spi/facets.h"

namespace visa::abi {

/// `body(Facet&, Call&, Session&)` on the group `which` of the channel behind `vi`.
template <class Facet, class A, class Body>
ViStatus on_facet(const char* function, ViSession vi, const A& args, Facet* spi::Facets::*which,
                  Body&& body) {
  return on<core::Resource>(function, vi, args, [&](core::Resource& resource) -> Status {
    if (!core::Session::holds(resource.kind())) return Status::error_nsup_oper;
    return static_cast<core::Session&>(resource).with_facet(which, body);
  });
}

}  // namespace visa::abi
