// SPDX-License-Identifier: MIT
// Each thread takes the next device that nobody has asked; each result has a place of its own.
#include "tools/freevisa/identify.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <system_error>
#include <thread>

#include "tools/freevisa/exchange.h"

namespace visa::tool {
namespace {

constexpr std::size_t kAtOnce = 8;

// The status and what comes after it are for a page, not for a table.
std::string short_reason(const std::string& text) {
  const std::size_t line = text.find('\n');
  const std::size_t colon = text.rfind(": ", line);
  const std::string status =
      colon == std::string::npos ? text.substr(0, line) : text.substr(colon + 2, line - colon - 2);
  return status.substr(0, status.find(" ("));
}

Identity ask(const Session& manager, const std::string& name, std::uint32_t timeout) {
  Identity identity;
  try {
    Instrument instrument(manager, name, timeout);
    identity.answer = instrument.query_line("*IDN?");
    if (identity.answer.empty()) identity.problem = "an empty answer";
  } catch (const VisaFailure& failure) {
    identity.problem = short_reason(failure.text);
  }
  return identity;
}

}  // namespace

std::string device_of(std::string_view resource) {
  if (!resource.starts_with("TCPIP")) return std::string(resource);
  const std::size_t begin = resource.find("::");
  if (begin == std::string_view::npos) return std::string(resource);
  const bool bracket = resource.substr(begin + 2).starts_with('[');
  const std::size_t end = resource.find(bracket ? "]" : "::", begin + 2);
  return std::string(resource.substr(begin + 2, end - begin - 2));
}

std::vector<Identity> identify(const Session& manager, const std::vector<std::string>& names,
                               std::uint32_t timeout) {
  std::vector<Identity> identities(names.size());
  std::map<std::string, std::vector<std::size_t>> devices;
  for (std::size_t i = 0; i < names.size(); ++i) devices[device_of(names[i])].push_back(i);
  std::vector<const std::vector<std::size_t>*> waiting;
  waiting.reserve(devices.size());
  for (const auto& device : devices) waiting.push_back(&device.second);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t at = next++; at < waiting.size(); at = next++)
      for (const std::size_t i : *waiting[at]) identities[i] = ask(manager, names[i], timeout);
  };
  std::vector<std::thread> threads;
  threads.reserve(kAtOnce);
  try {
    for (std::size_t i = 1; i < std::min(kAtOnce, waiting.size()); ++i) threads.emplace_back(work);
  } catch (const std::system_error&) {
    // Without room for more threads these, or this one alone, ask them all.
  }
  work();
  for (std::thread& thread : threads) thread.join();
  return identities;
}

}  // namespace visa::tool
