// SPDX-License-Identifier: MIT
// What the configuration knows about one resource. A value type, constant once loaded: any thread.
#pragma once

#include <visa.h>

#include <string>
#include <utility>
#include <vector>

#include "lib/model/attribute_value.h"
#include "lib/model/resource_name.h"
#include "lib/spi/settings.h"

namespace visa::config {

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
  spi::Settings transport;
  std::string origin;  // "file:line", for messages
};

}  // namespace visa::config
