// SPDX-License-Identifier: MIT
// Every function of the API that takes a session, as a call with harmless arguments. The refusal
// table of the locks and the rule on absent operations are run over this list.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "conformance/rules/check.h"

namespace visa::rules {

/// What the lock of another session does to a function (docs/locks-and-events.md A5).
enum class Locked { refused, allowed };

struct Call {
  const char* name;
  Locked locked;
  std::string_view needs;  // "": every message-based kind has it; otherwise see kind_offers
  ViStatus (*make)(Check&, ViSession);
};

std::span<const Call> calls();

/// Functions of the API that are not in calls(), each with its reason.
struct Uncalled {
  const char* name;
  const char* reason;
};
std::span<const Uncalled> uncalled();

/// Whether sessions of `kind` have the group of operations `needs` ("registers", "bus", "remote",
/// "usb", "pxi", "vxi").
bool kind_offers(const std::string& kind, std::string_view needs);

}  // namespace visa::rules
