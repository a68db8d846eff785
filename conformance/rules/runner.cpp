// SPDX-License-Identifier: MIT
// The child reports each line at once, so that the parent has all lines before a crash or hang.
#include "conformance/rules/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace visa::rules {
namespace {

// A line in the pipe is a letter, the text, LF. 'E' ends the report of a rule that returned.
void send(int pipe, char kind, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text = kind + text + "\n";
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = ::write(pipe, text.data() + sent, text.size() - sent);
    if (count <= 0 && errno != EINTR) return;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
}

[[noreturn]] void run_in_child(const Rule& rule, const Options& options, const Facts& facts,
                               const Resource* resource, int pipe) {
  const auto tell = [pipe](char kind, const std::string& text) { send(pipe, kind, text); };
  // Never destroyed: a rule may have left threads in the library.
  auto* const check = new Check(options, facts, resource, tell);
  try {
    rule.run(*check);
  } catch (const Ended&) {
  } catch (const NotShown& ended) {
    send(pipe, 'N', ended.reason);
  } catch (const std::exception& error) {
    send(pipe, 'F', std::string("the rule was ended by an exception: ") + error.what());
  }
  for (const auto& [function, statuses] : check->answers().all()) {
    for (const ViStatus status : statuses) {
      send(pipe, 'S', function + " " + std::to_string(status));
    }
  }
  send(pipe, 'E', "");
  ::_exit(0);
}

void take(Run& run, const std::string& line, bool& complete) {
  if (line.empty()) return;
  const std::string text = line.substr(1);
  switch (line[0]) {
    case 'F':
      run.failures.push_back(text);
      break;
    case 'I':
      run.remarks.push_back(text);
      break;
    case 'N':
      run.reason = text;
      break;
    case 'S': {
      const auto space = text.find(' ');
      run.answers[text.substr(0, space)].insert(
          static_cast<ViStatus>(std::stol(text.substr(space + 1))));
      break;
    }
    case 'E':
      complete = true;
      break;
    default:
      break;
  }
}

// Reads the report until it ends, the child has died, or its time is over.
bool read_account(int pipe, int limit, Run& run, bool& complete) {
  const auto deadline = Clock::now() + std::chrono::seconds(limit);
  std::string text;
  char buffer[4096];
  while (!complete) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{pipe, POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t count = ::read(pipe, buffer, sizeof buffer);
    if (count == 0) return true;
    if (count < 0) {
      if (errno == EINTR) continue;
      return true;
    }
    text.append(buffer, static_cast<std::size_t>(count));
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      take(run, text.substr(0, end), complete);
      text.erase(0, end + 1);
    }
  }
  return true;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Whether an answer can be read, without waiting for one that does not come: the status byte shows
// it, and on a byte stream the answer to another question follows it.
bool there_is_an_answer(Check& check, ViSession vi) {
  if (check.is_stream()) {
    check.write(vi, "*IDN?\n");
    return true;
  }
  constexpr ViUInt16 kMessageAvailable = 0x10;
  const auto deadline = Clock::now() + std::chrono::milliseconds(100);
  ViUInt16 byte = 0;
  while ((byte & kMessageAvailable) == 0 && Clock::now() < deadline) {
    if (check.visa().viReadSTB(vi, &byte) < VI_SUCCESS) return false;
  }
  return (byte & kMessageAvailable) != 0;
}

// Runs in the child; not a rule. Finds out what instrument a name leads to.
void look(Check& check) {
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  const ViStatus opened =
      visa.viOpen(check.manager(), check.resource().name.c_str(), VI_NO_LOCK, 3000, &vi);
  if (opened < VI_SUCCESS) throw NotShown{"viOpen answers " + check.symbol(opened)};
  visa.viClose(vi);
  vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 2000);
  check.write(vi, "*IDN?\n");
  ViStatus status = VI_SUCCESS;
  if (check.read(vi, 1024, status).empty() || status < VI_SUCCESS) return;
  check.remark("answers");
  visa.viClear(vi);
  if (check.is_stream()) {
    check.set(vi, VI_ATTR_TMO_VALUE, 500);
    check.write(vi, "*STB?\n");
    check.read(vi, 100, status);
    visa.viClear(vi);
  }
  if (!check.is_stream() || status >= VI_SUCCESS) check.remark("reports");
  check.have_sent(vi, "a line that comes back\n");
  if (there_is_an_answer(check, vi) && check.read(vi, 1024, status) == "a line that comes back\n") {
    check.remark("echoes");
    return;
  }
  visa.viClear(vi);
  check.write(vi, "*CLS\n");
  if (check.is_stream()) return;
  check.write(vi, "*SRE?\n");
  if (!check.read(vi, 100, status).empty()) check.remark("requests");
}

// Runs in a child; not a rule. A serial line has no connections: an answer that the rule before has
// left may still be on its way.
void quiet_line(Check& check) {
  const ViSession vi = check.open();
  check.visa().viSetAttribute(vi, VI_ATTR_ASRL_BREAK_LEN, 1);
  check.visa().viClear(vi);
}

}  // namespace

Run run_rule(const Rule& rule, const Options& options, const Facts& facts,
             const Resource* resource) {
  Run run;
  if (resource != nullptr && resource->kind == "ASRL_INSTR" && rule.run != &quiet_line) {
    run_rule({"a quiet line", &quiet_line, On::nothing, "", 30}, options, facts, resource);
  }
  const int limit = options.limit > 0 ? options.limit : rule.limit;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error("pipe: " + std::string(strerror(errno)));
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork: " + std::string(strerror(errno)));
  if (child == 0) {
    ::close(ends[0]);
    run_in_child(rule, options, facts, resource, ends[1]);
  }
  ::close(ends[1]);
  bool complete = false;
  const bool in_time = read_account(ends[0], limit, run, complete);
  ::close(ends[0]);
  if (!complete) ::kill(child, SIGKILL);
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) {
    run.failures.push_back("did not end within " + std::to_string(limit) + " s");
  } else if (!complete) {
    run.failures.push_back(WIFSIGNALED(state) && WTERMSIG(state) != SIGKILL
                               ? "the process was ended by signal " +
                                     std::to_string(WTERMSIG(state))
                               : "the process ended in the middle of the rule");
  }
  run.outcome = !run.failures.empty() ? Outcome::failed
                : !run.reason.empty() ? Outcome::not_shown
                                      : Outcome::passed;
  return run;
}

std::string kind_of(const std::string& resource_name) {
  const std::string name = upper(resource_name);
  const auto begins = [&name](const char* text) { return name.rfind(text, 0) == 0; };
  if (begins("TCPIP")) {
    if (ends_with(name, "::SOCKET")) return "TCPIP_SOCKET";
    if (name.find("::HISLIP") != std::string::npos) return "TCPIP_HISLIP";
    return "TCPIP_VXI11";
  }
  if (begins("ASRL")) return "ASRL_INSTR";
  if (begins("USB")) return ends_with(name, "::RAW") ? "USB_RAW" : "USB_INSTR";
  if (begins("GPIB-VXI")) return "";
  if (begins("GPIB")) return ends_with(name, "::INTFC") ? "GPIB_INTFC" : "GPIB_INSTR";
  if (begins("PXI")) return "PXI_INSTR";
  if (begins("VXI")) return "VXI_INSTR";
  return "";
}

Resource look_at(const std::string& name, const Options& options, const Facts& facts) {
  Resource resource{name, kind_of(name)};
  if (resource.kind.empty()) throw std::runtime_error(name + ": not a kind of resource known here");
  const Run run =
      run_rule({"looking at the bench", &look, On::nothing, "", 30}, options, facts, &resource);
  for (const std::string& remark : run.remarks) {
    resource.answers |= remark == "answers";
    resource.reports |= remark == "reports";
    resource.requests |= remark == "requests";
    resource.echoes |= remark == "echoes";
  }
  if (!run.reason.empty()) throw std::runtime_error(name + ": " + run.reason);
  if (!run.failures.empty()) throw std::runtime_error(name + ": " + run.failures.front());
  return resource;
}

}  // namespace visa::rules
