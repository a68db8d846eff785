// SPDX-License-Identifier: MIT
// A configuration for one rule, for libraries that read FREEVISA_CONFIG (--configure freevisa). The
// rule makes it before it loads the library, and it is removed when the rule ends. For the rule's
// main thread.
#pragma once

#include <string>

#include "conformance/rules/check.h"

namespace visa::rules {

class Configuration {
 public:
  /// Throws NotShown unless the library is known to read FREEVISA_CONFIG.
  Configuration(Check& check, const std::string& text);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

 private:
  std::string path_;
};

/// The [[resource]] entry of `name` with further lines of keys. Over VXI-11 it also names the ports
/// of the bench, because a library finds them only by a portmapper on port 111.
std::string configured(const Check& check, const std::string& name, const std::string& keys = {});

/// The name of another host or device of the bench: `part` of the name replaced by `by`.
std::string renamed(const std::string& name, const std::string& part, const std::string& by);

}  // namespace visa::rules
