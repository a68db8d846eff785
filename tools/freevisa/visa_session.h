// SPDX-License-Identifier: MIT
// What the subcommands need of VISA: sessions that close themselves, and errors that say what
// failed, why and what helps. Public C API only.
#pragma once

#include <visa.h>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace visa::tool {

// A call that failed, as text for the user: thrown by the functions below, printed by main().
struct VisaFailure : std::exception {
  explicit VisaFailure(std::string message) : text(std::move(message)) {}
  const char* what() const noexcept override { return text.c_str(); }
  std::string text;
};

// "VI_ERROR_TMO (0xBFFF0015)".
std::string status_name(ViStatus status);

// Throws VisaFailure unless `status` is a success or a warning. `vi` is asked for the description.
void check(ViStatus status, ViObject vi, const std::string& what);

// A call that an interrupt (interruption.h) has ended.
struct Interrupted : VisaFailure {
  using VisaFailure::VisaFailure;
};
// check(), but Interrupted where an interrupt ended the call.
void check_interruptible(ViStatus status, ViObject vi, const std::string& what);

// What a check that failed would say in one line: the status, and the library's reason.
std::string reason_of(ViObject vi, ViStatus status);

class Session {
 public:
  Session() = default;
  explicit Session(ViSession vi) : vi_(vi) {}
  Session(Session&& other) noexcept : vi_(std::exchange(other.vi_, ViSession{VI_NULL})) {}
  Session& operator=(Session&& other) noexcept {
    std::swap(vi_, other.vi_);
    return *this;
  }
  ~Session() {
    if (vi_ != VI_NULL) viClose(vi_);
  }
  ViSession get() const noexcept { return vi_; }

 private:
  ViSession vi_ = VI_NULL;
};

// The resource manager. What is wrong with the configuration is a note on standard error, and in
// `problem` where that is wanted; nothing wrong leaves it as it is.
Session open_manager(std::string* problem = nullptr);
// `timeout` in ms for opening and for each operation.
Session open_resource(const Session& manager, const std::string& name, std::uint32_t timeout);

// All names viFindRsrc gives for `expression`.
std::vector<std::string> find_resources(const Session& manager, const std::string& expression);

struct ParsedName {
  ViUInt16 interface_type = 0;
  ViUInt16 interface_number = 0;
  std::string resource_class;
  std::string full_name;
  std::string alias;
};
ParsedName parse_name(const Session& manager, const std::string& name);

// Empty if the object has no such attribute.
std::string text_attribute(ViObject vi, ViAttr attribute);

// "7.2.0".
std::string version_text(ViVersion version);

// "TCPIP", "USB", ... for VI_INTF_*.
std::string_view interface_name(ViUInt16 type);

}  // namespace visa::tool
