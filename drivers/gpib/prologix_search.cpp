// SPDX-License-Identifier: MIT
// A Prologix has no test for listeners, so each address is polled: a device that is there answers
// within some milliseconds, and nothing is written to it. Address 0 is the adapter's.
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "drivers/gpib/prologix_controller.h"

namespace visa::drivers::gpib {
namespace {

/// So long a device may take to answer a poll, in milliseconds: 30 addresses in less than 0.5 s.
constexpr int kProbe = 10;

/// "5,9,12", with whatever an adapter prints around the numbers.
std::vector<Address> addresses_in(std::string_view text) {
  std::vector<Address> found;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    unsigned number = 0;
    const auto [stopped, error] = std::from_chars(at, end, number);
    if (error == std::errc() && number <= kMostAddress) {
      found.push_back({static_cast<std::uint8_t>(number)});
    }
    at = stopped == at ? at + 1 : stopped;
  }
  return found;
}

bool has_words(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

Result<std::vector<Address>> PrologixController::find_listeners(Call& call) {
  if (is_ar488()) {
    const auto reply = ask("++fndl all\n", call);
    if (!reply) return reply.status();
    auto listeners = addresses_in(*reply);
    // Firmware before ++fndl says that it does not know the command.
    if (!listeners.empty() || !has_words(*reply)) return listeners;
  }
  std::vector<Address> found;
  const auto requested = service_requested(call);
  // Where requests cannot be seen, there is none that a session has enabled.
  const bool unseen = requested.status() == Status::error_nsup_oper;
  if (!requested && !unseen) return requested.status();
  if (unseen) call.detail.clear();
  if (requested && *requested) {
    call.detail = name() +
                  ": not searched: an instrument requests service, and a search would take the "
                  "request away";
    return found;
  }
  std::string lines = link_->timer_line(kProbe);
  for (std::uint8_t primary = 1; primary <= kMostAddress; ++primary) {
    const Address device{primary};
    lines += "++spoll" + address_arguments(device) + "\n";
    const auto reply = ask(lines, call);
    if (!reply) return found.empty() ? Result<std::vector<Address>>(reply.status()) : found;
    if (number_in(*reply)) found.push_back(device);
    lines.clear();
  }
  return found;
}

}  // namespace visa::drivers::gpib
