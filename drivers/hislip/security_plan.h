// SPDX-License-Identifier: MIT
// What is to happen about the encryption of one session: the policy of the configuration, the
// credential of the name, and what follows from both and from what the instrument announces. The
// decisions are pure; `read_plan` reads the file of a password. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "drivers/common/tls_context.h"
#include "drivers/hislip/hislip_settings.h"
#include "drivers/hislip/sasl_mechanism.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/driver.h"

namespace visa::drivers::hislip {

struct SecurityPlan {
  Encryption policy = Encryption::automatic;
  bool by_credential = false;  // the name or a setting asks for a secure connection
  bool by_attribute = false;   // VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN does, by VI_LOAD_CONFIG
  TlsSettings tls = {};
  SaslUser user = {};

  /// Nothing less than a secure connection will do.
  bool insists() const noexcept {
    return by_credential || by_attribute || policy == Encryption::required;
  }
};

/// error_npermission: the credential is not in the configuration. error_inv_setup: the policy is
/// "off" and a credential is named, or the file of the password cannot be read.
Result<SecurityPlan> read_plan(const spi::OpenRequest& request, const Settings& settings,
                               Call& call);

/// What an instrument says of itself while a session is made.
struct Announced {
  bool mandatory = false;  // InitializeResponse: no traffic in clear text at any time
  bool initial = false;    // InitializeResponse: the session has to begin encrypted
  bool capable = false;    // AsyncInitializeResponse
  bool demands() const noexcept { return mandatory || initial; }
};

/// Whether a session begins encrypted. error_npermission: the plan and the instrument cannot both
/// have what they want; the detail says what to configure.
Result<bool> begins_encrypted(const SecurityPlan& plan, const Announced& announced,
                              std::string_view peer, Call& call);

}  // namespace visa::drivers::hislip
