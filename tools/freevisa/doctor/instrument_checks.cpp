// SPDX-License-Identifier: MIT
// An instrument has up to three doors on the network: VXI-11 (asked of the portmapper, port 111),
// HiSLIP (4880) and raw sockets, whose port each maker chooses.
#include "tools/freevisa/doctor/instrument_checks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <utility>

namespace visa::tool {
namespace {

using Level = Finding::Level;
using namespace std::chrono_literals;

constexpr std::uint32_t kPatience = 2000;  // ms, for opening and for the answer
constexpr std::uint16_t kUsualSockets[] = {5025, 5555, 4000};

std::string one_line(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  for (char& c : text) c = c >= ' ' && c <= '~' ? c : '?';
  return text.substr(0, 200);
}

/// The fields of a resource name; an IPv6 address in brackets is one.
std::vector<std::string> fields_of(std::string_view name) {
  std::vector<std::string> fields;
  for (;;) {
    const bool bracket = name.find('[') < name.find("::");
    const auto end = name.find("::", bracket ? name.find(']') : 0);
    fields.emplace_back(name.substr(0, end));
    if (end == std::string_view::npos) return fields;
    name.remove_prefix(end + 2);
  }
}

/// The ways to a host: the name itself first.
struct Ways {
  std::string host;
  std::vector<std::pair<std::string, std::string>> names;  // name, way
  std::vector<std::uint16_t> ports;
};

Ways ways_to(const std::string& full_name) {
  const auto fields = fields_of(full_name);
  Ways ways;
  ways.host = fields.size() > 1 ? fields[1] : "";
  const auto at = ways.host.rfind('@');  // a credential
  std::string bare = at == std::string::npos ? ways.host : ways.host.substr(at + 1);
  const std::string begin = fields[0] + "::" + bare;
  const auto add = [&ways](const std::string& name, const std::string& way) {
    for (const auto& one : ways.names) {
      if (one.first == name) return;
    }
    ways.names.emplace_back(name, way);
  };
  const bool socket = full_name.ends_with("::SOCKET");
  const bool hislip = fields.size() > 2 && fields[2].starts_with("hislip");
  add(full_name, socket ? "SOCKET, port " + fields[2] : hislip ? "HiSLIP" : "VXI-11");
  add(begin + "::inst0::INSTR", "VXI-11");
  add(begin + "::hislip0::INSTR", "HiSLIP");
  ways.ports = {111, 4880};
  if (socket)
    ways.ports.push_back(static_cast<std::uint16_t>(std::strtoul(fields[2].c_str(), nullptr, 10)));
  for (const std::uint16_t port : kUsualSockets) {
    add(begin + "::" + std::to_string(port) + "::SOCKET", "SOCKET, port " + std::to_string(port));
    if (std::find(ways.ports.begin(), ways.ports.end(), port) == ways.ports.end())
      ways.ports.push_back(port);
  }
  if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
  ways.host = bare;
  return ways;
}

std::vector<Attempt> attempt_all(const Session& manager, const Ways& ways) {
  std::vector<Attempt> attempts(ways.names.size());
  std::vector<std::thread> threads;
  threads.reserve(attempts.size());
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    threads.emplace_back(
        [&, i] { attempts[i] = attempt(manager, ways.names[i].first, ways.names[i].second); });
  }
  for (std::thread& one : threads) one.join();
  return attempts;
}

/// Whether anything at the address answers, and a finding about the ports.
bool check_ports(const Ways& ways, const std::string& address, Findings& found) {
  std::vector<PortAnswer> answers(ways.ports.size());
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] { answers[i] = try_port(address, ways.ports[i], 1500ms); });
  }
  for (std::thread& one : threads) one.join();
  std::string text;
  bool alive = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(ways.ports[i]) + " " + answers[i].text;
    alive = alive || answers[i].kind == PortAnswer::Kind::open ||
            answers[i].kind == PortAnswer::Kind::refused;
  }
  found.push_back({Level::note, "ports", "TCP ports of " + address + ": " + text});
  return alive;
}

Findings check_local(const Session& manager, const std::string& name) {
  const Attempt one = attempt(manager, name, name);
  if (!one.identity.empty()) {
    return {{Level::good, "instrument", name + " answers: " + one.identity}};
  }
  return {{Level::problem, "instrument", name + ": " + one.error,
           one.opened
               ? "the connection is there, the answer is not: is it the right instrument, is it "
                 "in remote mode, does it speak SCPI, are baud rate and line end right?"
               : "'freevisa list' shows what is plugged in; the findings above say what is in "
                 "the way"}};
}

}  // namespace

Attempt attempt(const Session& manager, const std::string& name, const std::string& way) {
  Attempt result{name, way, false, {}, {}};
  ViSession vi = VI_NULL;
  ViStatus status = viOpen(manager.get(), name.c_str(), VI_LOAD_CONFIG, kPatience, &vi);
  if (status < VI_SUCCESS) {
    result.error = reason_of(VI_NULL, status);  // of this thread's viOpen
    return result;
  }
  const Session session(vi);
  result.opened = true;
  viSetAttribute(vi, VI_ATTR_TMO_VALUE, kPatience);
  if (name.ends_with("::SOCKET")) viSetAttribute(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  constexpr std::string_view kQuestion = "*IDN?\n";
  ViUInt32 count = 0;
  status = viWrite(vi, reinterpret_cast<ViConstBuf>(kQuestion.data()),
                   static_cast<ViUInt32>(kQuestion.size()), &count);
  std::array<ViByte, 1024> answer{};
  if (status >= VI_SUCCESS) status = viRead(vi, answer.data(), answer.size(), &count);
  if (status >= VI_SUCCESS) {
    result.identity = one_line({reinterpret_cast<const char*>(answer.data()), count});
    if (result.identity.empty()) result.error = "an empty answer to *IDN?";
  } else {
    result.error = "no answer to *IDN?: " + reason_of(vi, status);
  }
  return result;
}

Findings judge(const std::vector<Attempt>& attempts, const std::string& host, bool host_answers) {
  Findings found;
  const Attempt& wanted = attempts.front();
  const Attempt* other = nullptr;
  for (std::size_t i = 1; i < attempts.size(); ++i) {
    const Attempt& one = attempts[i];
    if (!one.identity.empty() && other == nullptr) other = &one;
    if (one.identity.empty() && !wanted.identity.empty()) continue;
    found.push_back({Level::note, "tried",
                     one.way + " (" + one.name +
                         "): " + (!one.identity.empty() ? "answers " + one.identity : one.error)});
  }
  if (!wanted.identity.empty()) {
    found.push_back({Level::good, "instrument", wanted.name + " answers: " + wanted.identity});
    return found;
  }
  Finding finding{Level::problem, "instrument", wanted.name + ": " + wanted.error, ""};
  if (other != nullptr) {
    finding.fix = "use " + other->name + ", which answers";
  } else if (wanted.opened) {
    finding.fix =
        "the connection is there, the answer is not: restart the instrument's interface, end "
        "other programs that use it, and see that it speaks SCPI";
  } else if (host_answers) {
    finding.fix =
        host +
        " is on, but no instrument answers there: switch on its LAN interface (LXI, VXI-11, "
        "sockets) in its menu; is the address perhaps another device's? 'freevisa list' shows "
        "what answers";
  } else {
    finding.fix =
        "nothing at " + host +
        " answers: is it on, is the cable in, is the address right (the instrument's menu "
        "shows it)? ping " +
        host + " and ip neigh show " + host + " look closer";
  }
  found.push_back(finding);
  return found;
}

Findings check_instrument(const Session& manager, const SystemView& system,
                          const std::string& name) {
  ParsedName parsed;
  try {
    parsed = parse_name(manager, name);
  } catch (const VisaFailure& failure) {
    return {{Level::problem, "instrument", one_line(failure.text),
             "names look like TCPIP::192.168.1.20::5025::SOCKET; an alias must stand in the "
             "configuration"}};
  }
  if (parsed.interface_type != VI_INTF_TCPIP) return check_local(manager, parsed.full_name);
  const Ways ways = ways_to(parsed.full_name);
  const HostAddress address = address_of(ways.host, 5000ms);
  Findings found = check_host_name(system, ways.host, address);
  if (!address.resolved) return found;
  const bool alive = check_ports(ways, address.address, found);
  const Findings judged = judge(attempt_all(manager, ways), ways.host, alive);
  found.insert(found.end(), judged.begin(), judged.end());
  return found;
}

}  // namespace visa::tool
