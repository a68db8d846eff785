// SPDX-License-Identifier: MIT
// How results get into the caller's memory: exactly the attribute's own width, strings terminated,
// within 256 bytes and ASCII (3.4.1; PyVISA decodes them as such). The only switch over value
// types.
#pragma once

#include <visa.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/attribute.h"
#include "lib/model/attribute_value.h"

namespace visa::abi {

/// The size the standard gives every string a caller provides room for, the NUL included.
inline constexpr std::size_t kTextRoom = 256;

/// Writes `text` with its NUL, cut to kTextRoom; other than printable ASCII becomes '?'. Nothing
/// where `destination` is null.
void store_text(ViChar* destination, std::string_view text);

/// Writes an attribute's value. Precondition: `destination` is not null.
void store_value(model::AttributeType type, const model::AttributeValue& value, void* destination);

/// What store_value wrote for an attribute of `type`, read from the caller's memory in that type's
/// own width and sign, as the trace shows it. Bytes, whose count stands elsewhere, are shown as an
/// address.
std::string show_stored(model::AttributeType type, const void* source);

/// Writes a result the caller may not want.
template <class T, class V>
void store_if(T* destination, V value) {
  if (destination != nullptr) *destination = static_cast<T>(value);
}

}  // namespace visa::abi
