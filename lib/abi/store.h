// SPDX-License-Identifier: MIT
// Writes results into the caller's memory: exactly as wide as the attribute, strings terminated,
// within 256 bytes and ASCII (3.4.1; PyVISA decodes them as ASCII). The only switch over value
// types.
#pragma once

#include <visa.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/attribute.h"
#include "lib/model/attribute_value.h"

namespace visa::abi {

/// The size of every string buffer that a caller provides (by the standard), the NUL included.
inline constexpr std::size_t kTextRoom = 256;

/// Writes `text` with its NUL, cut to kTextRoom; characters other than printable ASCII become '?'.
/// Does nothing when `destination` is null.
void store_text(ViChar* destination, std::string_view text);

/// Writes an attribute's value. Precondition: `destination` is not null.
void store_value(model::AttributeType type, const model::AttributeValue& value, void* destination);

/// For the trace: what store_value wrote for an attribute of `type`, read from the caller's memory
/// in that type's own width and sign. Byte arrays, whose length another attribute holds, are shown
/// as an address.
std::string show_stored(model::AttributeType type, const void* source);

/// Writes a result that the caller may not want (null pointer).
template <class T, class V>
void store_if(T* destination, V value) {
  if (destination != nullptr) *destination = static_cast<T>(value);
}

}  // namespace visa::abi
