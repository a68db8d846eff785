// SPDX-License-Identifier: MIT
// What the configuration hands to a driver or a finder: values by key, and where the user wrote
// them. The interface of drivers knows none of the keys; a driver or finder names its own in
// setting_keys(). Value types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>

namespace visa::spi {

/// One value, as its type in the file was.
struct Setting : std::variant<bool, std::int64_t, double, std::string> {
  using variant::variant;

  /// "file:line" for messages; "" for a value that stands in no file.
  std::string origin = {};
};

/// By key. A driver takes from here what [[interface]] and the `transport` table of [[resource]]
/// say, a finder what its [finder.NAME] says. The core traces the keys that setting_keys() does not
/// have.
using Settings = std::map<std::string, Setting, std::less<>>;

/// What [[interface]] says of the boards of one interface, by number.
using BoardSettings = std::map<std::uint16_t, Settings>;

}  // namespace visa::spi
