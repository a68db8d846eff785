// SPDX-License-Identifier: MIT
// Every value is copied bytewise, because a caller's pointer may be unaligned.
#include "lib/abi/store.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <variant>

#include "lib/abi/args.h"

namespace visa::abi {
namespace {

template <class T>
void put(void* destination, std::uint64_t number) {
  const auto value = static_cast<T>(number);
  std::memcpy(destination, &value, sizeof value);
}

template <class T>
std::string show_as(const void* source) {
  T value{};
  std::memcpy(&value, source, sizeof value);
  return show(value);
}

}  // namespace

void store_text(ViChar* destination, std::string_view text) {
  if (destination == nullptr) return;
  const auto size = std::min(text.size(), kTextRoom - 1);
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), destination,
                 [](char c) { return c >= 0x20 && c < 0x7f ? c : '?'; });
  destination[size] = '\0';
}

void store_value(model::AttributeType type, const model::AttributeValue& value, void* destination) {
  const std::uint64_t number = model::number(value);
  const auto* text = std::get_if<std::string>(&value);
  switch (type) {
    case model::AttributeType::uint8:
      return put<ViUInt8>(destination, number);
    case model::AttributeType::int16:
    case model::AttributeType::uint16:
    case model::AttributeType::boolean:
      return put<ViUInt16>(destination, number);
    case model::AttributeType::int32:
    case model::AttributeType::uint32:
    case model::AttributeType::session:
    case model::AttributeType::status:
      return put<ViUInt32>(destination, number);
    case model::AttributeType::uint64:
    case model::AttributeType::bus_address:
      return put<ViUInt64>(destination, number);
    case model::AttributeType::address:
      return put<std::uintptr_t>(destination, number);
    case model::AttributeType::string:
      return store_text(static_cast<ViChar*>(destination), text == nullptr ? "" : *text);
    case model::AttributeType::bytes:
      if (text != nullptr) std::memcpy(destination, text->data(), text->size());
      return;
  }
}

std::string show_stored(model::AttributeType type, const void* source) {
  switch (type) {
    case model::AttributeType::uint8:
      return show_as<ViUInt8>(source);
    case model::AttributeType::int16:
      return show_as<ViInt16>(source);
    case model::AttributeType::uint16:
    case model::AttributeType::boolean:
      return show_as<ViUInt16>(source);
    case model::AttributeType::int32:
    case model::AttributeType::status:
      return show_as<ViInt32>(source);
    case model::AttributeType::uint32:
    case model::AttributeType::session:
      return show_as<ViUInt32>(source);
    case model::AttributeType::uint64:
    case model::AttributeType::bus_address:
      return show_as<ViUInt64>(source);
    case model::AttributeType::address:
      return show_as<std::uintptr_t>(source);
    case model::AttributeType::string:
      return show_text(static_cast<const char*>(source));
    case model::AttributeType::bytes:
      return show_pointer(source);
  }
  return {};
}

}  // namespace visa::abi
