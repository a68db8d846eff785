// SPDX-License-Identifier: MIT
// The one attribute table: every VI_ATTR_* for every kind of object. Getting, setting, find
// filters, trace names and the rule tests all read it; no other code switches over attribute
// numbers. Constant data: any thread. Its checks (order, disjoint kinds, defaults in range) fail
// the build.
#pragma once

#include <visa.h>

#include <span>
#include <string_view>

#include "lib/model/attribute.h"
#include "lib/model/resource_class.h"

namespace visa::model {

/// All rows, sorted by id.
std::span<const Attribute> attribute_table() noexcept;

/// The rows of `id`: usually one, several when kinds differ, none for an unknown id.
std::span<const Attribute> attribute_rows(ViAttr id) noexcept;

/// The row of `id` for an object of `kind`; nullptr when it has none (VI_ERROR_NSUP_ATTR). A binary
/// search.
const Attribute* find_attribute(ViAttr id, Kind kind) noexcept;

/// The first row with that C name, compared without case. A name without a width
/// (VI_ATTR_USER_DATA) finds the row that the macro of visa.h stands for on this machine. nullptr:
/// no such name.
const Attribute* find_attribute_by_name(std::string_view name) noexcept;

/// True when some kind of object has `id`.
bool attribute_exists(ViAttr id) noexcept;

}  // namespace visa::model
