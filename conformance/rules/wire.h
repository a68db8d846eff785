// SPDX-License-Identifier: MIT
// What crossed the wire according to the bench's log, and faults ordered on its control socket. The
// instrument writes the log; nothing in it comes from the library.
//
// One object is for one instrument: the one of the rule's resource, or one that the bench knows by
// the given alias. The destructor switches the faults off. For the rule's main thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {

struct WireEvent {
  std::uint64_t client = 0;
  std::string kind;  // "open", "call", "in", "out", "srq", "fault", "close"
  std::string data;
};

/// A call of VXI-11: "device_read lid=0 request=20480 io=2000 lock=0 flags=0x80 term=10".
struct WireCall {
  std::uint64_t client = 0;
  std::string procedure;
  std::map<std::string, std::uint32_t> arguments;
  /// -1 if the procedure has no such argument.
  std::int64_t operator[](const char* name) const;
};
using WireCalls = std::vector<WireCall>;

class Wire {
 public:
  explicit Wire(Check& check) : Wire(check, check.resource().name) {}
  /// Throws NotShown if the suite did not start the bench, or the bench has no such instrument.
  Wire(Check& check, const std::string& name_or_alias);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  const std::string& resource() const { return resource_; }

  /// Members of "fault_on", as in "\"kind\":\"late\",\"ms\":200,\"count\":1".
  void fault(const std::string& members);
  void no_faults();
  /// Makes the instrument close the connections of all clients.
  void drop();
  /// How many clients the instrument has now.
  int clients();

  /// All that happened since the last call. Calls that were answered before are in the log.
  std::vector<WireEvent> events();
  WireCalls calls();
  /// Of one procedure.
  WireCalls calls(const std::string& procedure);

 private:
  std::string ask(const std::string& request);
  bool read_log(const std::string& fence, std::vector<WireEvent>& events);

  Check& check_;
  int control_ = -1;
  std::string alias_;
  std::string resource_;
  int socket_port_ = 0;  // of the same instrument
  std::string instrument_;
  std::uint64_t offset_ = 0;  // in the log
};

/// The calls of `procedure` among `calls`.
WireCalls only(const WireCalls& calls, const std::string& procedure);

}  // namespace visa::rules
