// SPDX-License-Identifier: MIT
// The rows of the VISA resource template (VPP-4.3 3.2) that are the same for every object.
#include "lib/core/template_attributes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace visa::core {
namespace {

// The version of this library in the layout of ViVersion (12, 12 and 8 bits), and who made it.
constexpr ViVersion kImplementationVersion =
    (FREEVISA_VERSION_MAJOR << 20) | (FREEVISA_VERSION_MINOR << 8) | FREEVISA_VERSION_PATCH;
constexpr std::string_view kManufacturerName = "FreeVISA";
// No VXIplug&play number was assigned to us; 0x3FFF is the largest, and nobody's.
constexpr std::uint16_t kManufacturerId = 0x3FFF;

}  // namespace

std::optional<model::AttributeValue> template_attribute(ViAttr id) {
  switch (id) {
    case VI_ATTR_RSRC_IMPL_VERSION:
      return model::AttributeValue(std::uint64_t{kImplementationVersion});
    case VI_ATTR_RSRC_SPEC_VERSION:
      return model::AttributeValue(std::uint64_t{VI_SPEC_VERSION});
    case VI_ATTR_RSRC_MANF_NAME:
      return model::AttributeValue(std::string(kManufacturerName));
    case VI_ATTR_RSRC_MANF_ID:
      return model::AttributeValue(std::uint64_t{kManufacturerId});
    default:
      return std::nullopt;
  }
}

}  // namespace visa::core
