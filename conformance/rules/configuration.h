// SPDX-License-Identifier: MIT
// A configuration of a rule's own, for libraries that read FREEVISA_CONFIG (--configure freevisa).
// Made before the library is loaded, gone when the rule is through. The rule's own thread.
#pragma once

#include <string>

#include "conformance/rules/check.h"

namespace visa::rules {

class Configuration {
 public:
  // NotShown where the library is not known to read it.
  Configuration(Check& check, const std::string& text);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

 private:
  std::string path_;
};

// The [[resource]] of `name` with further lines of keys. Over VXI-11 with the ports of the bench,
// which a library finds by a portmapper on port 111 only.
std::string configured(const Check& check, const std::string& name, const std::string& keys = {});

// The name as another host or device of the bench: `part` replaced by `by`.
std::string renamed(const std::string& name, const std::string& part, const std::string& by);

}  // namespace visa::rules
