// SPDX-License-Identifier: MIT
// What the user configured for secure connections under one name ([[credential]]): how this
// computer shows who it is, and whom it trusts. A resource name has the name before its host:
// TCPIP::lab@scope.lan::hislip0::INSTR. A value type.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/secret.h"

namespace visa::spi {

struct Credential {
  std::string name;
  std::string user = {};
  std::optional<Secret> password = {};
  std::string password_file = {};  // the password is its first line; read when it is needed
  std::vector<std::string> mechanisms = {};  // SASL, those that may be used; none: all that fit
  std::string ca_file = {};                  // "": the authorities that the system trusts
  std::string client_certificate = {};
  std::string client_key = {};
  std::string server_name = {};  // the name in the server's certificate; "": the host's
  std::optional<std::array<unsigned char, 32>> fingerprint = {};  // SHA-256 of the certificate
  std::string origin = {};                                        // "file:line", for messages
};

}  // namespace visa::spi
