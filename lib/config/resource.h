// SPDX-License-Identifier: MIT
// What the configuration knows about one resource, and the settings of the whole library. Value
// types, constant once loaded: any thread.
#pragma once

#include <visa.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lib/model/attribute_value.h"
#include "lib/model/resource_name.h"
#include "lib/spi/driver.h"

namespace visa::config {

/// The [settings] table.
struct Settings {
  /// How long viOpen may take to connect when its openTimeout is 0.
  std::int64_t connect_timeout_ms = 2000;

  /// How long viFindRsrc may take. With instruments on a network it takes that long: who answers
  /// late is waited for.
  std::int64_t find_timeout_ms = 1000;

  /// False: viFindRsrc asks no network; what the configuration names and what is attached to this
  /// computer is all it finds.
  bool lan_discovery = true;

  /// How long, in seconds, viFindRsrc answers from what the networks said last. 0: asks each time.
  std::int64_t lan_cache_s = 30;

  /// How many bits `l` means for integers in the formats of viPrintf and viScanf: 32 or 64.
  std::int64_t formatted_long = 32;

  /// True: `L` means long double there; false: double, as real drivers have it.
  bool formatted_long_double = false;
};

/// One [[resource]] entry.
struct Resource {
  std::string name;  // canonical
  model::ResourceName parsed;
  bool listed = true;                // viFindRsrc answers it though no finder sees it
  std::vector<std::string> aliases;  // as written; no other resource of the same file has them

  /// Names that open this resource instead of their own, each once: for programs that have a fixed
  /// one. No other resource of the same file has them.
  std::vector<model::ResourceName> instead_of;
  std::vector<std::pair<ViAttr, model::AttributeValue>> attributes;  // for VI_LOAD_CONFIG
  spi::TransportSettings transport;
  std::string origin;  // "file:line", for messages
};

}  // namespace visa::config
