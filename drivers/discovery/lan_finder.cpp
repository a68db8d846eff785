// SPDX-License-Identifier: MIT
// Only a complete search is remembered: one that was cancelled, or that had a failure to report, is
// made again by the next viFindRsrc.
#include "drivers/discovery/lan_finder.h"

#include <optional>
#include <string>
#include <utility>

#include "drivers/common/setting_reader.h"
#include "drivers/discovery/visa_address.h"

namespace visa::drivers {
namespace {

using model::AttributeValue;
using model::Kind;
using namespace std::chrono_literals;

// An empty result is remembered for a sixth of the time: the user may be about to plug a cable in.
constexpr int kNothingFoundShare = 6;

constexpr std::string_view kSearch = "search";
constexpr std::string_view kCache = "cache_s";

struct LanSettings {
  bool search = true;
  std::chrono::milliseconds cache = 30s;
  std::string mistake;  // in a value that does not count; "" for none
};

LanSettings read_settings(const spi::Settings& settings, const Call& call) {
  LanSettings result;
  Call reading(call, call.deadline);  // a mistake is no failure of the search
  SettingReader reader(settings, reading);
  reader.flag(kSearch, result.search);
  reader.duration(kCache, 0s, 1h, result.cache);
  result.mistake = std::move(reading.detail);
  return result;
}

std::string host_field(const Endpoint& address) {
  return address.family() == AF_INET6 ? "[" + address.numeric() + "]" : address.numeric();
}

std::string resource_of(const LanAnswer& answer) {
  const std::string host = "TCPIP0::" + host_field(answer.address);
  const std::uint16_t port = answer.address.port();
  switch (answer.service) {
    case LanService::vxi11:
      return host + "::inst0::INSTR";
    case LanService::hislip:
      return host + "::" +
             (answer.sub_address.empty() ? std::string(kUsualSubAddress) : answer.sub_address) +
             (port == model::kDefaultHislipPort ? "" : "," + std::to_string(port)) + "::INSTR";
    case LanService::scpi_raw:
      return host + "::" + std::to_string(port) + "::SOCKET";
    default:
      return "";
  }
}

}  // namespace

std::optional<spi::Descriptor> describe(const LanAnswer& answer) {
  auto name = model::parse_resource_name(resource_of(answer));
  if (!name) return std::nullopt;
  spi::Descriptor descriptor{*std::move(name), {}};
  descriptor.known.emplace(VI_ATTR_TCPIP_ADDR, AttributeValue(answer.address.numeric()));
  if (!answer.host_name.empty()) {
    descriptor.known.emplace(VI_ATTR_TCPIP_HOSTNAME, AttributeValue(answer.host_name));
  }
  return descriptor;
}

bool asks_for_socket(const model::FindExpression& expression, const model::ResourceName& socket) {
  const std::string name = socket.canonical();
  // The same name with other characters for port and class: a pattern that matches this name too
  // does not ask for either.
  std::string other = name;
  const std::size_t tail = name.rfind("::", name.rfind("::") - 1);
  for (std::size_t i = tail; i < other.size(); ++i) {
    if (other[i] != ':') other[i] = 'J';
  }
  return expression.matches_name(name) && !expression.matches_name(other);
}

LanPlan LanFinder::plan(Call& call) const {
  LanPlan plan;
  plan.interfaces = lan_interfaces(call);
  return plan;
}

std::vector<std::string_view> LanFinder::setting_keys() const {
  return {kSearch, kCache};
}

std::shared_ptr<const LanFinder::Descriptors> LanFinder::remembered(const LanPlan& plan,
                                                                    std::chrono::milliseconds age) {
  const MutexLock lock(mutex_);
  if (memory_.found == nullptr || memory_.interfaces != plan.interfaces) return nullptr;
  const Deadline::Clock::duration most =
      memory_.found->empty() ? Deadline::Clock::duration(age) / kNothingFoundShare : age;
  return Deadline::Clock::now() - memory_.when < most ? memory_.found : nullptr;
}

// What is there, from memory where that is young enough; null where no network can be asked.
std::shared_ptr<const LanFinder::Descriptors> LanFinder::search(const spi::FindScope& scope,
                                                                std::chrono::milliseconds cache,
                                                                Call& call) {
  LanPlan plan = this->plan(call);
  plan.vxi11 = scope.openable.contains(Kind::tcpip_vxi11);
  plan.hislip = scope.openable.contains(Kind::tcpip_hislip);
  plan.sockets = scope.openable.contains(Kind::tcpip_socket);
  if (plan.interfaces.empty()) {
    if (call.detail.empty()) call.detail = "no network interface is up";
    return nullptr;
  }
  if (auto found = remembered(plan, cache)) return found;
  auto fresh = std::make_shared<Descriptors>();
  for (const LanAnswer& answer : search_lan(plan, call)) {
    if (auto descriptor = describe(answer)) fresh->push_back(*std::move(descriptor));
  }
  if (!call.cancelled() && call.detail.empty()) {
    const MutexLock lock(mutex_);
    memory_ = {plan.interfaces, Deadline::Clock::now(), fresh};
  }
  return fresh;
}

void LanFinder::find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) {
  const LanSettings settings = read_settings(scope.settings, call);
  const bool wanted =
      settings.search &&
      scope.openable.intersects(Kind::tcpip_vxi11 | Kind::tcpip_hislip | Kind::tcpip_socket);
  const auto found = wanted ? search(scope, settings.cache, call) : nullptr;
  if (!settings.mistake.empty()) {
    call.detail = settings.mistake + (call.detail.empty() ? "" : "; " + call.detail);
  }
  if (found == nullptr) return;
  for (const spi::Descriptor& descriptor : *found) {
    if (descriptor.name.kind == Kind::tcpip_socket &&
        !asks_for_socket(scope.expression, descriptor.name)) {
      continue;
    }
    sink.found(descriptor);
  }
}

std::unique_ptr<spi::Finder> make_lan_finder() {
  return std::make_unique<LanFinder>();
}

}  // namespace visa::drivers
