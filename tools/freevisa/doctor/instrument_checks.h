// SPDX-License-Identifier: MIT
// Why an instrument does not answer: its name is opened and asked *IDN?, and where it is on the
// network, so are the other ways to its host, all at once. Public C API. One thread, which starts
// one for each way and waits for them.
#pragma once

#include <string>
#include <vector>

#include "tools/freevisa/doctor/device_checks.h"
#include "tools/freevisa/doctor/finding.h"
#include "tools/freevisa/doctor/network_checks.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

/// What came of one name.
struct Attempt {
  std::string name;  ///< "TCPIP0::10.0.0.7::5025::SOCKET"
  std::string way;   ///< "SOCKET, port 5025"
  bool opened = false;
  std::string identity;  ///< what it answered to *IDN?; "" if nothing
  std::string error;     ///< why not: status and the library's words
};

/// Opens `name` and asks *IDN?, each within two seconds.
Attempt attempt(const Session& manager, const std::string& name, const std::string& way);

/// What the attempts say of the instrument that the user wants, the first of them. `ports`: what
/// the ports 111, 4880 and the socket's say, as text.
Findings judge(const std::vector<Attempt>& attempts, const std::string& host, bool host_answers);

/// All there is to find about `name`.
Findings check_instrument(const Session& manager, const SystemView& system,
                          const std::string& name);

}  // namespace visa::tool
