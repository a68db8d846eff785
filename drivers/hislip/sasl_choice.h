// SPDX-License-Identifier: MIT
// The mechanisms of one message, ANONYMOUS (RFC 4505), EXTERNAL (RFC 4422) and PLAIN (RFC 4616),
// and the choice among all of them. Pure functions: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "drivers/hislip/sasl_mechanism.h"

namespace visa::drivers::hislip {

/// The mechanism to use of those that the server offers, `offered` being their names with blanks
/// between them: the safest one first, whatever the order of the server. Null where none fits. A
/// user with a name or a certificate is anonymous only where `mechanisms` says so.
std::unique_ptr<SaslMechanism> choose_mechanism(std::string_view offered, const SaslUser& user,
                                                SaslCrypto& crypto);

/// The names of the mechanisms that `user` could use, for messages.
std::string usable_mechanisms(const SaslUser& user);

}  // namespace visa::drivers::hislip
