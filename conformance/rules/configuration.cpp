// SPDX-License-Identifier: MIT
// The path goes into FREEVISA_CONFIG of this process, which runs one rule and then ends.
#include "conformance/rules/configuration.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "conformance/rules/runner.h"

namespace visa::rules {

Configuration::Configuration(Check& check, const std::string& text) {
  if (!check.options().configure) {
    throw NotShown{"how this library is configured is not known (--configure)"};
  }
  char path[] = "/tmp/visa_rules_XXXXXX";
  const int fd = ::mkstemp(path);
  check.need_that(fd >= 0, "no file for the configuration");
  ::close(fd);
  path_ = path;
  std::ofstream(path_) << text;
  ::setenv("FREEVISA_CONFIG", path, 1);
}

Configuration::~Configuration() {
  ::unlink(path_.c_str());
}

std::string configured(const Check& check, const std::string& name, const std::string& keys) {
  std::string text = "[[resource]]\nname = \"" + name + "\"\n" + keys;
  const int port = check.options().bench.core_port;
  if (port != 0 && kind_of(name) == "TCPIP_VXI11") {
    text += "transport = { core_port = " + std::to_string(port) + " }\n";
  }
  return text;
}

std::string renamed(const std::string& name, const std::string& part, const std::string& by) {
  std::string other = name;
  const auto at = other.find(part);
  return at == std::string::npos ? other : other.replace(at, part.size(), by);
}

}  // namespace visa::rules
