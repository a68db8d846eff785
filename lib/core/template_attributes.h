// SPDX-License-Identifier: MIT
// The attributes that say who we are: the same for sessions, resource managers and event contexts
// (3.2.1, 3.2.3). A pure function: any thread.
#pragma once

#include <visa.h>

#include <optional>

#include "lib/model/attribute_value.h"

namespace visa::core {

/// Nothing for any other attribute.
std::optional<model::AttributeValue> template_attribute(ViAttr id);

}  // namespace visa::core
