// SPDX-License-Identifier: MIT
// What a resource name alone says about a resource: the answers to attribute expressions of
// viFindRsrc that need no opening. A pure function: any thread.
#pragma once

#include <visa.h>

#include <optional>

#include "lib/model/attribute_value.h"
#include "lib/model/resource_name.h"

namespace visa::model {

/// Nothing where the name does not tell, or resources of that kind have no such attribute.
std::optional<AttributeValue> known_attribute(const ResourceName& name, ViAttr id);

}  // namespace visa::model
