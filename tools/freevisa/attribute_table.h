// SPDX-License-Identifier: MIT
// Every attribute that a session can have, by name, and how its value is shown. A table of the
// command's own: the C interface of VISA tells no names. Constant; free functions for any thread.
#pragma once

#include <visa.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace visa::tool {

/// A value that has a name.
struct NamedValue {
  std::int64_t value = 0;
  const char* name = nullptr;
};

struct Attribute {
  enum class Form { text, boolean, u8, i16, u16, u32, i32, hex16, version, bus };
  ViAttr id = 0;
  const char* name = nullptr;
  Form form = Form::text;
  std::span<const NamedValue> values = {};
};

std::span<const Attribute> attributes() noexcept;

struct AttributeValue {
  std::string text;                    ///< for people: "VI_ASRL_PAR_NONE (0)", "true", "0x0957"
  std::optional<std::int64_t> number;  ///< unless it is a text
};

/// Nothing if the session has no such attribute, or does not tell it now.
std::optional<AttributeValue> read_attribute(ViObject vi, const Attribute& attribute);

}  // namespace visa::tool
