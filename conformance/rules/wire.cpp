// SPDX-License-Identifier: MIT
// The bench has one thread and logs what it does in order. So a connection that this code makes
// after the calls in question were answered appears after them in the log, and marks the place up
// to which to read (the fence).
#include "conformance/rules/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

namespace visa::rules {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

// The text of a member of a JSON object in one line; empty if it has none. That is enough for the
// bench's log, in which no nested object repeats a member.
std::string member(const std::string& line, const std::string& name) {
  const auto at = line.find("\"" + name + "\":");
  if (at == std::string::npos) return {};
  std::size_t i = at + name.size() + 3;
  if (line[i] != '"') return line.substr(i, line.find_first_of(",}", i) - i);
  std::string text;
  for (++i; i < line.size() && line[i] != '"'; ++i) {
    if (line[i] != '\\') {
      text += line[i];
      continue;
    }
    const char c = line[++i];
    if (c == 'u') {
      text += static_cast<char>(std::strtol(line.substr(i + 1, 4).c_str(), nullptr, 16));
      i += 4;
    } else {
      text += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
  }
  return text;
}

WireCall parse_call(const WireEvent& event) {
  WireCall call;
  call.client = event.client;
  const auto words = split(event.data, ' ');
  call.procedure = words.empty() ? "" : words[0];
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) continue;
    call.arguments[word.substr(0, equals)] =
        static_cast<std::uint32_t>(std::strtoul(word.c_str() + equals + 1, nullptr, 0));
  }
  return call;
}

// A connection to a port of this machine, and its local address.
int connect_to(int port, std::string& own) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    own = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  return fd;
}

}  // namespace

std::int64_t WireCall::operator[](const char* name) const {
  const auto found = arguments.find(name);
  return found == arguments.end() ? -1 : static_cast<std::int64_t>(found->second);
}

WireCalls only(const WireCalls& calls, const std::string& procedure) {
  WireCalls some;
  for (const WireCall& call : calls) {
    if (call.procedure == procedure) some.push_back(call);
  }
  return some;
}

Wire::Wire(Check& check, const std::string& name_or_alias) : check_(check) {
  const BenchFacts& bench = check.options().bench;
  if (bench.control.empty()) throw NotShown{"the bench was not started by the suite (--sim)"};
  control_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, bench.control.c_str(), sizeof address.sun_path - 1);
  check.need_that(::connect(control_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                  "the control socket of the bench cannot be reached");
  // The resources of an instrument are listed together, its socket first.
  std::string answer = ask("{\"op\":\"instruments\"}");
  for (auto at = answer.find("{\"instrument\""); at != std::string::npos;
       at = answer.find("{\"instrument\"", at + 1)) {
    const std::string one = answer.substr(at, answer.find('}', at) - at + 1);
    const std::string name = member(one, "resource");
    if (name.find("::SOCKET") != std::string::npos) {
      instrument_ = member(one, "instrument");
      const auto end = name.rfind("::");
      socket_port_ = std::atoi(name.c_str() + name.rfind("::", end - 1) + 2);
    }
    if (name != name_or_alias && member(one, "instrument") != name_or_alias) continue;
    alias_ = member(one, "instrument");
    resource_ = name;
    break;
  }
  if (resource_.empty()) throw NotShown{"the bench has no " + name_or_alias};
  no_faults();
  // Skip what was logged before; the first line read may be the end of a longer one.
  std::ifstream log(bench.log, std::ios::binary | std::ios::ate);
  offset_ = static_cast<std::uint64_t>(std::max<std::streamoff>(log.tellg(), 0));
  events();
}

Wire::~Wire() {
  const std::string off = "{\"op\":\"fault_off\",\"instrument\":\"" + alias_ + "\"}\n";
  char byte = 0;
  if (::send(control_, off.data(), off.size(), MSG_NOSIGNAL) > 0) {
    while (::recv(control_, &byte, 1, 0) == 1 && byte != '\n') {
    }
  }
  ::close(control_);
}

std::string Wire::ask(const std::string& request) {
  const std::string line = request + "\n";
  check_.need_that(
      ::send(control_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size()),
      "the bench takes no request");
  std::string answer;
  char byte = 0;
  while (::recv(control_, &byte, 1, 0) == 1 && byte != '\n') answer += byte;
  check_.need_that(answer.find("\"ok\":true") != std::string::npos,
                   "the bench answers to " + request + ": " + answer);
  return answer;
}

void Wire::fault(const std::string& members) {
  ask("{\"op\":\"fault_on\",\"instrument\":\"" + alias_ + "\"," + members + "}");
}

void Wire::no_faults() {
  ask("{\"op\":\"fault_off\",\"instrument\":\"" + alias_ + "\"}");
}

void Wire::drop() {
  ask("{\"op\":\"drop\",\"instrument\":\"" + alias_ + "\"}");
}

int Wire::clients() {
  const std::string answer = ask("{\"op\":\"clients\",\"instrument\":\"" + alias_ + "\"}");
  int count = 0;
  for (auto at = answer.find("\"client\""); at != std::string::npos;
       at = answer.find("\"client\"", at + 1)) {
    ++count;
  }
  return count;
}

std::vector<WireEvent> Wire::events() {
  std::string own;
  const int fd = connect_to(socket_port_, own);
  std::vector<WireEvent> events;
  const auto deadline = Clock::now() + kPatience;
  bool complete = false;
  while (!own.empty() && !complete && Clock::now() < deadline) {
    complete = read_log(own, events);
    // The bench writes the log without a signal to its readers, so poll.
    if (!complete) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::close(fd);
  check_.need_that(complete, "the bench did not log the end of the calls within its time");
  return events;
}

// Reads on from offset_; true when the fence was found, with offset_ after it.
bool Wire::read_log(const std::string& fence, std::vector<WireEvent>& events) {
  std::ifstream log(check_.options().bench.log, std::ios::binary);
  log.seekg(static_cast<std::streamoff>(offset_));
  std::string line;
  while (std::getline(log, line) && !log.eof()) {
    offset_ += line.size() + 1;
    WireEvent event{
        std::strtoull(member(line, "client").c_str(), nullptr, 10), member(line, "event"), {}};
    const bool ours = member(line, "instrument") == instrument_;
    if (ours) event.data = member(line, "data");
    if (ours && event.kind == "open" && event.data == fence) return true;
    if (ours) events.push_back(std::move(event));
  }
  return false;
}

WireCalls Wire::calls() {
  WireCalls calls;
  for (const WireEvent& event : events()) {
    if (event.kind == "call") calls.push_back(parse_call(event));
  }
  return calls;
}

WireCalls Wire::calls(const std::string& procedure) {
  return only(calls(), procedure);
}

}  // namespace visa::rules
