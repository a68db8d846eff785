// SPDX-License-Identifier: MIT
// Every event type, and which sessions raise it (docs/locks-and-events.md B7).
#include "lib/model/event_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "conformance/unit/lib/model/spec_sheet.h"
#include "lib/model/attribute_table.h"

namespace visa::model {
namespace {

TEST(EventTable, HoldsEveryEventTypeOfTheSheetAndNoOther) {
  std::size_t count = 0;
  for (const SheetRow& row : read_sheet("constants.tsv")) {
    if (row.at("group") != "event type") {
      continue;
    }
    ++count;
    const auto id = static_cast<ViEventType>(std::stoul(row.at("value")));
    const EventInfo* info = find_event(id);
    ASSERT_NE(info, nullptr) << row.at("name");
    EXPECT_EQ(info->name, row.at("name"));
    EXPECT_EQ(info->id, id);
  }
  EXPECT_EQ(count, event_table().size());
  EXPECT_EQ(find_event(VI_ALL_ENABLED_EVENTS), nullptr);
  EXPECT_EQ(find_event(0), nullptr);
}

/// The types `kind` raises, without their VI_EVENT_ prefix.
std::set<std::string> raised_by(Kind kind) {
  std::set<std::string> types;
  for (const EventInfo& row : event_table()) {
    if (row.raised_by.contains(kind)) {
      types.insert(std::string(row.name.substr(9)));
    }
  }
  return types;
}

TEST(EventTable, EveryClassRaisesWhatTheStandardSays) {
  using Types = std::set<std::string>;
  const Types instr = {"EXCEPTION", "IO_COMPLETION", "SERVICE_REQ"};
  const Types vxi = {"EXCEPTION", "IO_COMPLETION", "SERVICE_REQ",
                     "TRIG",      "VXI_SIGP",      "VXI_VME_INTR"};
  const Types plain = {"EXCEPTION", "IO_COMPLETION"};
  const Types backplane = {"EXCEPTION", "TRIG", "VXI_VME_SYSFAIL", "VXI_VME_SYSRESET"};
  const std::map<Kind, Types> expected = {
      {Kind::resource_manager, {"EXCEPTION"}},
      {Kind::asrl_instr,
       {"EXCEPTION", "IO_COMPLETION", "ASRL_BREAK", "ASRL_CTS", "ASRL_DSR", "ASRL_DCD", "ASRL_RI",
        "ASRL_CHAR", "ASRL_TERMCHAR"}},
      {Kind::gpib_instr, instr},
      {Kind::gpib_intfc,
       {"EXCEPTION", "IO_COMPLETION", "SERVICE_REQ", "GPIB_CIC", "GPIB_TALK", "GPIB_LISTEN",
        "CLEAR", "TRIG"}},
      {Kind::gpib_servant,
       {"EXCEPTION", "IO_COMPLETION", "CLEAR", "TRIG", "GPIB_TALK", "GPIB_LISTEN"}},
      {Kind::gpib_vxi_instr, vxi},
      {Kind::gpib_vxi_memacc, plain},
      {Kind::gpib_vxi_backplane, backplane},
      {Kind::vxi_instr, vxi},
      {Kind::vxi_memacc, plain},
      {Kind::vxi_backplane, backplane},
      {Kind::vxi_servant,
       {"EXCEPTION", "IO_COMPLETION", "CLEAR", "TRIG", "VXI_VME_SYSRESET", "VXI_DEV_CMD"}},
      {Kind::pxi_instr, {"EXCEPTION", "IO_COMPLETION", "PXI_INTR"}},
      {Kind::pxi_memacc, plain},
      {Kind::pxi_backplane, {"EXCEPTION", "TRIG"}},
      {Kind::tcpip_vxi11, instr},
      {Kind::tcpip_hislip, instr},
      {Kind::tcpip_socket, plain},
      {Kind::tcpip_servant, {"EXCEPTION", "IO_COMPLETION", "CLEAR", "TRIG", "TCPIP_CONNECT"}},
      {Kind::usb_instr, {"EXCEPTION", "IO_COMPLETION", "SERVICE_REQ", "USB_INTR"}},
      {Kind::usb_raw, {"EXCEPTION", "IO_COMPLETION", "USB_INTR"}},
      {Kind::firewire_instr, plain},
      {Kind::find_list, {}},
  };
  for (const auto& [kind, types] : expected) {
    EXPECT_EQ(raised_by(kind), types) << name(kind);
  }
  EXPECT_EQ(expected.size(), static_cast<std::size_t>(Kind::find_list) + 1);
}

TEST(EventTable, ExceptionsAreDeliveredByCallbackOnly) {
  for (const EventInfo& row : event_table()) {
    EXPECT_EQ(row.mechanisms,
              row.id == VI_EVENT_EXCEPTION ? VI_HNDLR : VI_QUEUE | VI_HNDLR | VI_SUSPEND_HNDLR)
        << row.name;
  }
}

TEST(EventTable, EveryContextAnswersItsType) {
  for (const EventInfo& row : event_table()) {
    EXPECT_NE(find_attribute(VI_ATTR_EVENT_TYPE, row.context), nullptr) << row.name;
    if (row.context != Kind::event_asrl) {
      EXPECT_EQ("event " + std::string(row.name.substr(9)), name(row.context));
    }
  }
}

}  // namespace
}  // namespace visa::model
