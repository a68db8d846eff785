// SPDX-License-Identifier: MIT
// Host names to addresses. Figures are converted on the calling thread. Names need getaddrinfo,
// which nothing can interrupt: it runs on a detached helper thread with all signals blocked, and a
// caller whose deadline or cancel comes first leaves it behind. At most kMostLookups helpers exist;
// who comes later waits for a place until its own deadline. Any thread; usable in a child of fork.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

inline constexpr int kMostLookups = 8;

/// The most addresses of one name that are tried.
inline constexpr std::size_t kMostAddresses = 16;

/// The addresses of `host` (a name, or figures; IPv6 without brackets, with %zone where it needs
/// one) with `port`, IPv6 and IPv4 in turn, the system's preference first; never empty.
/// error_rsrc_nfound: does not resolve; error_tmo; error_abort; error_alloc.
Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port, Call& call);

/// Puts the families in turn and keeps the order within each; the family of the first stays first.
std::vector<Endpoint> interleave_families(std::vector<Endpoint> endpoints);

}  // namespace visa::drivers
