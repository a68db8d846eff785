// SPDX-License-Identifier: MIT
// VPP-4.3 chapter 5: attributes and operations that a resource class must have. A session has an
// attribute if viGetAttribute returns anything but VI_ERROR_NSUP_ATTR.
#include "conformance/rules/attribute_facts.h"
#include "conformance/rules/calls.h"
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

void has(Check& check, ViSession vi, std::initializer_list<const char*> names) {
  alignas(8) char room[kAttributeRoom];
  for (const char* const name : names) {
    AttributeCell cell;
    cell.id = Facts::code(check.facts().attribute(name));
    const ViStatus status = read_attribute(check, vi, cell, room, 0);
    check.that(status != VI_ERROR_NSUP_ATTR, std::string(name) + " is not supported");
  }
}

ViUInt16 interface_of(const std::string& kind) {
  const auto begins = [&kind](const char* text) { return kind.rfind(text, 0) == 0; };
  return begins("GPIB")    ? VI_INTF_GPIB
         : begins("VXI")   ? VI_INTF_VXI
         : begins("ASRL")  ? VI_INTF_ASRL
         : begins("PXI")   ? VI_INTF_PXI
         : begins("TCPIP") ? VI_INTF_TCPIP
                           : VI_INTF_USB;
}

void rule_5_1_11_attributes_of_every_class(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  has(check, vi,
      {"VI_ATTR_INTF_TYPE", "VI_ATTR_INTF_INST_NAME", "VI_ATTR_INTF_NUM", "VI_ATTR_TMO_VALUE",
       "VI_ATTR_DMA_ALLOW_EN"});
  ViUInt16 type = 0;
  ANSWERS(viGetAttribute(vi, VI_ATTR_INTF_TYPE, &type), VI_SUCCESS);
  check.that(type == interface_of(check.resource().kind),
             "VI_ATTR_INTF_TYPE is " + std::to_string(type));
}

// The standard gives it to every INSTR; three libraries lack it on TCPIP.
void rule_5_1_11_trigger_id(Check& check) {
  if (check.resource().kind == "TCPIP_SOCKET") throw NotShown{"SOCKET is no INSTR"};
  const ViSession vi = check.open();
  ViInt16 id = 0;
  const ViStatus status = check.visa().viGetAttribute(vi, VI_ATTR_TRIG_ID, &id);
  if (status == VI_ERROR_NSUP_ATTR && !check.options().strict) {
    throw NotShown{"vendors lack VI_ATTR_TRIG_ID too"};
  }
  check.answered("viGetAttribute(VI_ATTR_TRIG_ID)", status, {VI_SUCCESS});
}

void rule_5_1_12_attributes_of_message_based_classes(Check& check) {
  if (check.resource().kind == "PXI_INSTR") throw NotShown{"PXI is register based"};
  has(check, check.open(),
      {"VI_ATTR_IO_PROT", "VI_ATTR_SEND_END_EN", "VI_ATTR_SUPPRESS_END_EN", "VI_ATTR_TERMCHAR",
       "VI_ATTR_TERMCHAR_EN", "VI_ATTR_RD_BUF_OPER_MODE", "VI_ATTR_WR_BUF_OPER_MODE",
       "VI_ATTR_FILE_APPEND_EN"});
}

void rule_5_1_16_attributes_of_tcpip_instr(Check& check) {
  if (check.is_stream()) throw NotShown{"SOCKET is no INSTR"};
  has(check, check.open(),
      {"VI_ATTR_TCPIP_ADDR", "VI_ATTR_TCPIP_HOSTNAME", "VI_ATTR_TCPIP_DEVICE_NAME",
       "VI_ATTR_TCPIP_IS_HISLIP"});
}

void rule_5_1_17_attributes_of_hislip(Check& check) {
  has(check, check.open(),
      {"VI_ATTR_TCPIP_PORT", "VI_ATTR_TCPIP_NODELAY", "VI_ATTR_TCPIP_KEEPALIVE",
       "VI_ATTR_TCPIP_HISLIP_OVERLAP_EN", "VI_ATTR_TCPIP_HISLIP_VERSION",
       "VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB"});
}

template <class Value>
void is(Check& check, ViSession vi, ViAttr id, const char* name, Value wanted) {
  Value value{};
  check.answered(name, check.visa().viGetAttribute(vi, id, &value), {VI_SUCCESS});
  check.that(value == wanted, std::string(name) + " is " + std::to_string(value) + ", expected " +
                                  std::to_string(wanted));
}

void rule_5_1_socket_attributes(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  has(check, vi,
      {"VI_ATTR_TCPIP_ADDR", "VI_ATTR_TCPIP_HOSTNAME", "VI_ATTR_TCPIP_PORT",
       "VI_ATTR_TCPIP_NODELAY", "VI_ATTR_TCPIP_KEEPALIVE"});
  const std::string& name = check.resource().name;
  const auto end = name.rfind("::");
  const auto begin = name.rfind("::", end - 1) + 2;
  is<ViUInt16>(check, vi, VI_ATTR_TCPIP_PORT, "VI_ATTR_TCPIP_PORT",
               static_cast<ViUInt16>(std::stoul(name.substr(begin, end - begin))));
  if (name.find("::127.0.0.1::") != std::string::npos) {
    ViChar address[512] = {};
    ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_ADDR, address), VI_SUCCESS);
    check.that(std::string(address) == "127.0.0.1", std::string("the address is ") + address);
  }
  ViChar resource_class[512] = {};
  ANSWERS(viGetAttribute(vi, VI_ATTR_RSRC_CLASS, resource_class), VI_SUCCESS);
  check.that(std::string(resource_class) == "SOCKET",
             std::string("the class is ") + resource_class);
}

// The defaults of conformance/spec/attributes.tsv.
void rule_5_1_defaults_of_message_based_sessions(Check& check) {
  const ViSession vi = check.open();
  is<ViUInt32>(check, vi, VI_ATTR_TMO_VALUE, "VI_ATTR_TMO_VALUE", 2000);
  is<ViUInt32>(check, vi, VI_ATTR_MAX_QUEUE_LENGTH, "VI_ATTR_MAX_QUEUE_LENGTH", 50);
  is<ViUInt8>(check, vi, VI_ATTR_TERMCHAR, "VI_ATTR_TERMCHAR", '\n');
  is<ViBoolean>(check, vi, VI_ATTR_TERMCHAR_EN, "VI_ATTR_TERMCHAR_EN", VI_FALSE);
  is<ViBoolean>(check, vi, VI_ATTR_SEND_END_EN, "VI_ATTR_SEND_END_EN", VI_TRUE);
  is<ViBoolean>(check, vi, VI_ATTR_FILE_APPEND_EN, "VI_ATTR_FILE_APPEND_EN", VI_FALSE);
  is<ViUInt16>(check, vi, VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", VI_PROT_NORMAL);
  is<ViUInt16>(check, vi, VI_ATTR_RD_BUF_OPER_MODE, "VI_ATTR_RD_BUF_OPER_MODE", VI_FLUSH_DISABLE);
  is<ViUInt16>(check, vi, VI_ATTR_WR_BUF_OPER_MODE, "VI_ATTR_WR_BUF_OPER_MODE", VI_FLUSH_WHEN_FULL);
  const bool socket = check.resource().kind == "TCPIP_SOCKET";
  is<ViBoolean>(check, vi, VI_ATTR_SUPPRESS_END_EN, "VI_ATTR_SUPPRESS_END_EN",
                socket ? VI_TRUE : VI_FALSE);
  if (socket) {
    is<ViBoolean>(check, vi, VI_ATTR_TCPIP_NODELAY, "VI_ATTR_TCPIP_NODELAY", VI_TRUE);
    is<ViBoolean>(check, vi, VI_ATTR_TCPIP_KEEPALIVE, "VI_ATTR_TCPIP_KEEPALIVE", VI_FALSE);
  }
}

// 5.1.72: each operation of the class returns a status, and none says that it is absent.
void rule_5_1_72_operations_of_tcpip_instr(Check& check) {
  if (check.is_stream()) throw NotShown{"SOCKET is no INSTR"};
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 50);
  for (const Call& call : calls()) {
    if (!call.needs.empty()) continue;
    const ViStatus status = call.make(check, vi);
    const bool optional = std::string(call.name) == "viSetBuf";  // 6.2.4
    check.that(status != VI_ERROR_NSUP_OPER || optional,
               std::string(call.name) + " is not supported");
  }
}

// 5.1.8: viClear discards what the formatted write buffer holds.
void rule_5_1_8_clear_and_the_formatted_buffers(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const ViStatus printed = visa.viPrintf(vi, "NONSENSE");
  if (printed == VI_ERROR_NSUP_OPER) throw NotShown{"viPrintf answers VI_ERROR_NSUP_OPER"};
  check.need("viPrintf", printed, {VI_SUCCESS});
  ANSWERS(viClear(vi), VI_SUCCESS);
  ViChar answer[512] = {};
  MUST_ANSWER(viQueryf(vi, "*IDN?\n", "%t", answer), VI_SUCCESS);
  check.that(std::string(answer).find("NONSENSE") == std::string::npos && answer[0] != '\0',
             std::string("the answer is ") + answer);
}

}  // namespace

Rules class_rules() {
  return {
      {"rule_5_1_11_attributes_of_every_class", rule_5_1_11_attributes_of_every_class},
      {"rule_5_1_11_trigger_id", rule_5_1_11_trigger_id},
      {"rule_5_1_12_attributes_of_message_based_classes",
       rule_5_1_12_attributes_of_message_based_classes},
      {"rule_5_1_16_attributes_of_tcpip_instr", rule_5_1_16_attributes_of_tcpip_instr,
       On::every_kind, "TCPIP"},
      {"rule_5_1_17_attributes_of_hislip", rule_5_1_17_attributes_of_hislip, On::every_kind,
       "TCPIP_HISLIP"},
      {"rule_5_1_socket_attributes", rule_5_1_socket_attributes, On::every_kind, "TCPIP_SOCKET"},
      {"rule_5_1_defaults_of_message_based_sessions", rule_5_1_defaults_of_message_based_sessions},
      {"rule_5_1_72_operations_of_tcpip_instr", rule_5_1_72_operations_of_tcpip_instr,
       On::every_kind, "TCPIP"},
      {"rule_5_1_8_clear_and_the_formatted_buffers", rule_5_1_8_clear_and_the_formatted_buffers,
       On::answering},
  };
}

}  // namespace visa::rules
