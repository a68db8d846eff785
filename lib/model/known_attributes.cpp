// SPDX-License-Identifier: MIT
// Only attributes that the kind of the name has at all are answered; the table decides that.
#include "lib/model/known_attributes.h"

#include <arpa/inet.h>

#include <cstdint>
#include <string>

#include "lib/model/attribute_table.h"

namespace visa::model {
namespace {

using Known = std::optional<AttributeValue>;

Known number(std::uint64_t value) {
  return AttributeValue(value);
}
Known text(std::string value) {
  return AttributeValue(std::move(value));
}

bool is_address(const std::string& host) {
  in_addr parsed{};
  return ::inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

Known of_tcpip(const ResourceName& name, ViAttr id) {
  switch (id) {
    case VI_ATTR_TCPIP_ADDR:  // a host name is not looked up: that would be asking the network
      if (name.host_is_ipv6 || is_address(name.host)) return text(name.host);
      return std::nullopt;
    case VI_ATTR_TCPIP_HOSTNAME:
      if (name.host_is_ipv6 || is_address(name.host)) return std::nullopt;
      return text(name.host);
    case VI_ATTR_TCPIP_PORT:
      return number(name.port);
    case VI_ATTR_TCPIP_DEVICE_NAME:
      return text(name.device);
    case VI_ATTR_TCPIP_IS_HISLIP:
      return number(name.kind == Kind::tcpip_hislip ? VI_TRUE : VI_FALSE);
    default:
      return std::nullopt;
  }
}

Known of_gpib(const ResourceName& name, ViAttr id) {
  if (id == VI_ATTR_GPIB_PRIMARY_ADDR) return number(name.gpib_primary);
  if (id == VI_ATTR_GPIB_SECONDARY_ADDR) {
    return number(name.gpib_secondary ? *name.gpib_secondary : VI_NO_SEC_ADDR);
  }
  return std::nullopt;
}

Known of_vxi(const ResourceName& name, ViAttr id) {
  if (id == VI_ATTR_VXI_LA) return number(name.vxi_logical_address);
  if (id == VI_ATTR_MAINFRAME_LA && name.vxi_mainframe) return number(*name.vxi_mainframe);
  return std::nullopt;
}

Known of_usb(const ResourceName& name, ViAttr id) {
  switch (id) {
    case VI_ATTR_MANF_ID:
      return number(name.usb_vendor);
    case VI_ATTR_MODEL_CODE:
      return number(name.usb_product);
    case VI_ATTR_USB_SERIAL_NUM:
      return text(name.usb_serial);
    case VI_ATTR_USB_INTFC_NUM:
      if (name.usb_interface) return number(*name.usb_interface);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Known of_pxi(const ResourceName& name, ViAttr id) {
  if (name.pxi_chassis) {
    if (id == VI_ATTR_PXI_CHASSIS) return number(*name.pxi_chassis);
    if (id == VI_ATTR_SLOT && name.pxi_slot != 0) return number(name.pxi_slot);
    return std::nullopt;
  }
  switch (id) {
    case VI_ATTR_PXI_BUS_NUM:
      return number(name.pxi_bus);
    case VI_ATTR_PXI_DEV_NUM:
      return number(name.pxi_device);
    case VI_ATTR_PXI_FUNC_NUM:
      return number(name.pxi_function);
    default:
      return std::nullopt;
  }
}

Known of_interface(const ResourceName& name, ViAttr id) {
  switch (name.interface) {
    case Interface::tcpip:
      return of_tcpip(name, id);
    case Interface::gpib:
      return of_gpib(name, id);
    case Interface::vxi:
    case Interface::gpib_vxi:
      return of_vxi(name, id);
    case Interface::usb:
      return of_usb(name, id);
    case Interface::pxi:
      return of_pxi(name, id);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<AttributeValue> known_attribute(const ResourceName& name, ViAttr id) {
  if (find_attribute(id, name.kind) == nullptr) return std::nullopt;
  switch (id) {
    case VI_ATTR_INTF_TYPE:
      return number(static_cast<std::uint64_t>(name.interface));
    case VI_ATTR_INTF_NUM:
      return number(name.board);
    case VI_ATTR_RSRC_CLASS:
      return text(std::string(keyword(name.resource_class)));
    case VI_ATTR_RSRC_NAME:
      return text(name.canonical());
    default:
      return of_interface(name, id);
  }
}

}  // namespace visa::model
