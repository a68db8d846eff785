// SPDX-License-Identifier: MIT
// A failure is reported as soon as it is seen, so that a crash later in the rule cannot lose it.
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

constexpr ViUInt32 kTimeout = 5000;

}  // namespace

double seconds_of(const std::function<void()>& call) {
  const auto start = Clock::now();
  call();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Check::Check(const Options& options, const Facts& facts, const Resource* resource, Tell tell)
    : options_(options), facts_(facts), resource_(resource), tell_(std::move(tell)) {}

bool Check::is_stream() const {
  return resource_->kind == "TCPIP_SOCKET" || resource_->kind == "ASRL_INSTR";
}

const VisaApi& Check::visa() {
  if (!loaded_) {
    std::string error;
    need_that(visa_.load(options_.library, error), "cannot load the library: " + error);
    loaded_ = true;
  }
  return visa_;
}

ViSession Check::manager() {
  if (manager_ == VI_NULL) {
    need("viOpenDefaultRM", visa().viOpenDefaultRM(&manager_),
         {VI_SUCCESS, VI_WARN_CONFIG_NLOADED});
  }
  return manager_;
}

ViSession Check::open(ViAccessMode mode) {
  return open_name(resource_->name, mode);
}

ViSession Check::open_name(const std::string& name, ViAccessMode mode) {
  ViSession vi = VI_NULL;
  need(("viOpen " + name).c_str(), visa().viOpen(manager(), name.c_str(), mode, kTimeout, &vi),
       {VI_SUCCESS, VI_WARN_CONFIG_NLOADED});
  return vi;
}

ViSession Check::talk_name(const std::string& name) {
  const ViSession vi = open_name(name);
  set(vi, VI_ATTR_TMO_VALUE, kTimeout);
  if (name.find("SOCKET") != std::string::npos || name.rfind("ASRL", 0) == 0) {
    set(vi, VI_ATTR_TERMCHAR, '\n');
    set(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  }
  // By default the character is the END of a serial line (6.1.7), which serial_rules are about.
  if (name.rfind("ASRL", 0) == 0) set(vi, VI_ATTR_ASRL_END_IN, VI_ASRL_END_NONE);
  return vi;
}

void Check::set(ViSession vi, ViAttr attribute, ViAttrState value) {
  char text[64];
  std::snprintf(text, sizeof text, "viSetAttribute(vi, 0x%08X, %llu)",
                static_cast<unsigned>(attribute), static_cast<unsigned long long>(value));
  need(text, visa().viSetAttribute(vi, attribute, value), {VI_SUCCESS});
}

void Check::write(ViSession vi, const std::string& message) {
  ViUInt32 count = 0;
  need("viWrite",
       visa().viWrite(vi, reinterpret_cast<ViConstBuf>(message.data()),
                      static_cast<ViUInt32>(message.size()), &count),
       {VI_SUCCESS});
  need_that(count == message.size(), "viWrite: VI_SUCCESS, but retCnt is not what was asked");
}

std::string Check::read(ViSession vi, ViUInt32 count, ViStatus& status) {
  std::string buffer(count, '\0');
  ViUInt32 got = 0;
  status = visa().viRead(vi, reinterpret_cast<ViPBuf>(buffer.data()), count, &got);
  need_that(got <= count, "viRead: retCnt is larger than cnt");
  buffer.resize(got);
  return buffer;
}

std::string Check::ask(ViSession vi, const std::string& question) {
  write(vi, question);
  ViStatus status = VI_SUCCESS;
  auto answer = read(vi, 4096, status);
  need(("viRead of the answer to " + question.substr(0, question.find('\n'))).c_str(), status,
       {VI_SUCCESS, VI_SUCCESS_TERM_CHAR});
  return answer;
}

void Check::have_sent(ViSession vi, const std::string& line) {
  write(vi, "RECEIVE\n");
  write(vi, line);
  write(vi, "SEND\n");
}

void Check::has_its_own_answer(ViSession vi, const std::string& line) {
  have_sent(vi, line);
  ViStatus status = VI_SUCCESS;
  const std::string answer = read(vi, 1000, status);
  answered(("viRead of " + line.substr(0, line.size() - 1)).c_str(), status, {VI_SUCCESS});
  that(answer == line, "expected '" + line + "', was answered '" + answer + "'");
}

bool Check::answered(const char* call, ViStatus got, std::initializer_list<ViStatus> wanted) {
  for (const ViStatus one : wanted) {
    if (got == one) return true;
  }
  std::string text = std::string(call) + ": expected ";
  const char* between = "";
  for (const ViStatus one : wanted) {
    text += between + symbol(one);
    between = " or ";
  }
  tell_('F', text + ", got " + symbol(got));
  return false;
}

bool Check::refused(const char* call, ViStatus got) {
  if (got < VI_SUCCESS) return true;
  tell_('F', std::string(call) + ": expected an error, got " + symbol(got));
  return false;
}

bool Check::that(bool holds, const std::string& otherwise) {
  if (!holds) tell_('F', otherwise);
  return holds;
}

void Check::need(const char* call, ViStatus got, std::initializer_list<ViStatus> wanted) {
  if (!answered(call, got, wanted)) throw Ended{};
}

void Check::need_that(bool holds, const std::string& otherwise) {
  if (!that(holds, otherwise)) throw Ended{};
}

Rules all_rules() {
  Rules all;
  for (const auto part :
       {template_rules,    session_rules,    attribute_rules,  lock_rules,       lock_table_rules,
        lock_wait_rules,   refusal_rules,    open_rules,       event_rules,      handler_rules,
        async_rules,       exception_rules,  name_rules,       find_rules,       class_rules,
        read_rules,        wire_rules,       operation_rules,  formatted_rules,  scan_rules,
        endless_rules,     file_rules,       service_rules,    vxi11_call_rules, vxi11_fault_rules,
        vxi11_late_rules,  vxi11_lock_rules, vxi11_open_rules, vxi11_use_rules,  hislip_rules,
        hislip_mode_rules, serial_rules}) {
    for (const Rule& rule : part()) all.push_back(rule);
  }
  return all;
}

}  // namespace visa::rules
