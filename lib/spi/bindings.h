// SPDX-License-Identifier: MIT
// How a channel binds the attributes whose home is the driver: one constant array per channel
// class,
//
//   static constexpr Binding<SocketChannel> kBindings[] = {
//       {VI_ATTR_TCPIP_PORT, &SocketChannel::port, nullptr}, ...};
//
// A unit test compares the bound ids with the rows of the attribute table for the driver's kinds.
#pragma once

#include <span>

#include <visa.h>
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/attribute_value.h"

namespace visa::spi {

template <class C>
struct Binding {
  ViAttr id;
  Result<model::AttributeValue> (C::*get)(Call&);
  /// Null where the attribute is read-only.
  Status (C::*set)(const model::AttributeValue&, Call&);
};

template <class C>
Result<model::AttributeValue> get_bound(std::span<const Binding<C>> bindings, C& channel, ViAttr id,
                                        Call& call) {
  for (const auto& binding : bindings) {
    if (binding.id == id) return (channel.*binding.get)(call);
  }
  return Status::error_nsup_attr;
}

template <class C>
Status set_bound(std::span<const Binding<C>> bindings, C& channel, ViAttr id,
                 const model::AttributeValue& value, Call& call) {
  for (const auto& binding : bindings) {
    if (binding.id != id) continue;
    if (binding.set == nullptr) return Status::error_attr_readonly;
    return (channel.*binding.set)(value, call);
  }
  return Status::error_nsup_attr;
}

}  // namespace visa::spi
