// SPDX-License-Identifier: MIT
// For the exported functions that only some wires can serve: each is one call of `on_facet` with
// the group of operations it belongs to. When the wire lacks the group, the answer is
// VI_ERROR_NSUP_OPER, never a success; a dead handle is reported first.
#pragma once

#include <utility>

#include "lib/abi/guard.h"
#include "lib/core/session_transfer.h"
#include "lib/spi/facets.h"

namespace visa::abi {

/// Runs `body(Facet&, Call&, Session&)` on the group `which` of the channel of session `vi`.
template <class Facet, class A, class Body>
ViStatus on_facet(const char* function, ViSession vi, const A& args, Facet* spi::Facets::*which,
                  Body&& body) {
  return on<core::Resource>(function, vi, args, [&](core::Resource& resource) -> Status {
    if (!core::Session::holds(resource.kind())) return Status::error_nsup_oper;
    return static_cast<core::Session&>(resource).with_facet(which, body);
  });
}

}  // namespace visa::abi
