// SPDX-License-Identifier: MIT
// Every row of the attribute table at every kind of session, through the C API: the default, who
// may set it, what is refused, and that exactly the attribute's own width is written. Rows whose
// home is the driver are the drivers' tests; here only their way there.
#include "lib/core/resource.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <string>

#include "conformance/unit/support/visa_session.h"
#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

using model::Attribute;
using model::Home;
using model::Kind;

// A resource name of every kind that viOpen makes.
const std::map<Kind, const char*>& names() {
  static const std::map<Kind, const char*> kNames = {
      {Kind::asrl_instr, "ASRL1::INSTR"},
      {Kind::gpib_instr, "GPIB0::5::INSTR"},
      {Kind::gpib_intfc, "GPIB0::INTFC"},
      {Kind::gpib_servant, "GPIB0::SERVANT"},
      {Kind::gpib_vxi_instr, "GPIB-VXI0::9::INSTR"},
      {Kind::gpib_vxi_memacc, "GPIB-VXI0::MEMACC"},
      {Kind::gpib_vxi_backplane, "GPIB-VXI0::1::BACKPLANE"},
      {Kind::vxi_instr, "VXI0::1::INSTR"},
      {Kind::vxi_memacc, "VXI0::MEMACC"},
      {Kind::vxi_backplane, "VXI0::0::BACKPLANE"},
      {Kind::vxi_servant, "VXI0::SERVANT"},
      {Kind::pxi_instr, "PXI0::3-18::INSTR"},
      {Kind::pxi_memacc, "PXI0::MEMACC"},
      {Kind::pxi_backplane, "PXI0::1::BACKPLANE"},
      {Kind::tcpip_vxi11, "TCPIP0::192.0.2.1::inst0::INSTR"},
      {Kind::tcpip_hislip, "TCPIP0::192.0.2.1::hislip0::INSTR"},
      {Kind::tcpip_socket, "TCPIP0::192.0.2.1::5025::SOCKET"},
      {Kind::tcpip_servant, "TCPIP0::SERVANT"},
      {Kind::usb_instr, "USB0::0x1234::0x5678::SN1::INSTR"},
      {Kind::usb_raw, "USB0::0x1234::0x5678::SN1::RAW"},
      {Kind::firewire_instr, "FIREWIRE1::INSTR"},
  };
  return kNames;
}

// The caller's memory: room for the widest value with canaries around it, at an odd address.
class Room {
 public:
  Room() { bytes_.fill(kCanary); }
  void* at() { return bytes_.data() + kFront; }
  // Bytes changed outside the first `size`.
  bool intact_beyond(std::size_t size) const {
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const bool inside = i >= kFront && i < kFront + size;
      if (!inside && bytes_[i] != kCanary) return false;
    }
    return true;
  }
  std::uint64_t number(std::size_t size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + kFront, size);
    return value;
  }
  std::string text() const {
    const auto* start = reinterpret_cast<const char*>(bytes_.data()) + kFront;
    return {start, ::strnlen(start, 256)};
  }

 private:
  static constexpr unsigned char kCanary = 0xA5;
  static constexpr std::size_t kFront = 17;
  std::array<unsigned char, 320> bytes_;
};

std::uint64_t low_bytes(std::uint64_t value, std::size_t size) {
  return size == 8 ? value : value & ((std::uint64_t{1} << (8 * size)) - 1);
}

class EveryKind : public test::VisaSession {
 protected:
  // The session of each kind, the resource manager's included.
  template <class Check>
  void for_each_row(Check check) {
    std::map<Kind, ViSession> sessions = {{Kind::resource_manager, rm_}};
    for (const auto& [kind, name] : names()) sessions[kind] = open(name);
    ASSERT_EQ(sessions.size(), names().size() + 1);
    for (const auto& [kind, session] : sessions) {
      for (const auto& row : model::attribute_table()) {
        SCOPED_TRACE(std::string(row.name) + " of " + std::string(model::name(kind)));
        check(kind, session, row);
      }
    }
  }
};

TEST_F(EveryKind, HasAName) {
  for (unsigned k = 0; k < model::kKindCount; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (!model::kIoKinds.contains(kind)) continue;
    const auto found = names().find(kind);
    ASSERT_NE(found, names().end()) << model::name(kind);
    const auto parsed = model::parse_resource_name(found->second);
    ASSERT_TRUE(parsed) << found->second;
    EXPECT_EQ(parsed->kind, kind) << found->second;
  }
}

TEST_F(EveryKind, RefusesAttributesItDoesNotHave) {
  for_each_row([](Kind kind, ViSession session, const Attribute& row) {
    if (model::find_attribute(row.id, kind) != nullptr) return;
    Room room;
    EXPECT_EQ(::viGetAttribute(session, row.id, room.at()), VI_ERROR_NSUP_ATTR);
    EXPECT_TRUE(room.intact_beyond(0));
    EXPECT_EQ(::viSetAttribute(session, row.id, row.default_value), VI_ERROR_NSUP_ATTR);
  });
  Room room;
  for (const ViAttr unknown : {0u, 0xFFFFFFFFu, 0x3FFF7777u}) {
    EXPECT_EQ(::viGetAttribute(rm_, unknown, room.at()), VI_ERROR_NSUP_ATTR);
    EXPECT_EQ(::viSetAttribute(rm_, unknown, 0), VI_ERROR_NSUP_ATTR);
  }
}

TEST_F(EveryKind, AnswersStoredDefaultsInTheirOwnWidth) {
  for_each_row([](Kind kind, ViSession session, const Attribute& row) {
    if (!row.kinds.contains(kind) || row.home != Home::stored) return;
    Room room;
    ASSERT_EQ(::viGetAttribute(session, row.id, room.at()), VI_SUCCESS);
    const auto size = model::size_of(row.type);
    ASSERT_NE(size, 0u);
    EXPECT_TRUE(room.intact_beyond(size));
    EXPECT_EQ(room.number(size), low_bytes(row.default_value, size));
  });
}

TEST_F(EveryKind, ComputedValuesKeepTheirWidthAndRange) {
  for_each_row([](Kind kind, ViSession session, const Attribute& row) {
    if (!row.kinds.contains(kind) || row.home != Home::core) return;
    Room room;
    const ViStatus status = ::viGetAttribute(session, row.id, room.at());
    ASSERT_EQ(status, VI_SUCCESS);
    if (row.type == model::AttributeType::string) {
      EXPECT_LT(room.text().size(), 256u);
      EXPECT_TRUE(room.intact_beyond(room.text().size() + 1));
      for (const char c : room.text()) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
      return;
    }
    const auto size = model::size_of(row.type);
    EXPECT_TRUE(room.intact_beyond(size));
    EXPECT_GE(room.number(size), row.low);
    EXPECT_LE(room.number(size), row.high);
  });
}

TEST_F(EveryKind, ReadOnlyRowsStayReadOnly) {
  for_each_row([](Kind kind, ViSession session, const Attribute& row) {
    if (!row.kinds.contains(kind) || model::writable(row)) return;
    EXPECT_EQ(::viSetAttribute(session, row.id, row.default_value), VI_ERROR_ATTR_READONLY);
    EXPECT_EQ(::viSetAttribute(session, row.id, ~ViAttrState{0}), VI_ERROR_ATTR_READONLY);
  });
}

TEST_F(EveryKind, KeepsLegalValuesAndRefusesOthers) {
  for_each_row([](Kind kind, ViSession session, const Attribute& row) {
    if (!row.kinds.contains(kind) || row.home != Home::stored || !model::writable(row)) return;
    const auto size = model::size_of(row.type);
    const auto now = [&] {
      Room room;
      EXPECT_EQ(::viGetAttribute(session, row.id, room.at()), VI_SUCCESS);
      return room.number(size);
    };
    std::vector<std::uint64_t> legal(row.allowed.begin(), row.allowed.end());
    if (legal.empty()) legal = {row.low, row.high, row.default_value};
    for (const auto value : legal) {
      if (model::check_range(row, value) != Status::success) continue;
      EXPECT_EQ(::viSetAttribute(session, row.id, value), VI_SUCCESS) << std::hex << value;
      EXPECT_EQ(now(), low_bytes(value, size));
    }
    const auto kept = now();
    // Beyond both ends, where 64 bits leave something there.
    std::vector<std::uint64_t> bad;
    const bool is_signed = model::is_signed(row.type);
    const auto top = is_signed ? std::uint64_t{0x7FFFFFFFFFFFFFFF} : ~std::uint64_t{0};
    if (row.high != top) bad.push_back(row.high + 1);
    if (is_signed || row.low > 0) bad.push_back(row.low - 1);
    for (const auto value : bad) {
      if (model::check_range(row, model::narrow(row, value)) == Status::success) continue;
      EXPECT_EQ(::viSetAttribute(session, row.id, value), VI_ERROR_NSUP_ATTR_STATE)
          << std::hex << value;
      EXPECT_EQ(now(), kept);
    }
    // Inside the bounds, but not among the values that are taken.
    if (!row.allowed.empty()) {
      for (std::uint64_t value = row.low; value <= row.high && value < row.low + 64; ++value) {
        if (model::check_range(row, value) == Status::success) continue;
        EXPECT_EQ(::viSetAttribute(session, row.id, value), code(row.unsupported)) << value;
        EXPECT_EQ(now(), kept);
      }
    }
  });
}

TEST_F(EveryKind, ValuesWiderThanTheTypeAreNotCutToFit) {
  for_each_row([](Kind kind, ViSession session, const Attribute& row) {
    if (!row.kinds.contains(kind) || row.home != Home::stored || !model::writable(row)) return;
    const auto size = model::size_of(row.type);
    if (size >= 4) return;
    const std::uint64_t wide =
        (std::uint64_t{1} << (8 * size)) | low_bytes(row.default_value, size);
    EXPECT_EQ(::viSetAttribute(session, row.id, wide), VI_ERROR_NSUP_ATTR_STATE);
  });
}

TEST_F(EveryKind, TheTemplateIsTheSameEverywhere) {
  for_each_row([this](Kind kind, ViSession session, const Attribute& row) {
    if (row.id != VI_ATTR_RSRC_MANF_NAME || !row.kinds.contains(kind)) return;
    Room text;
    ASSERT_EQ(::viGetAttribute(session, VI_ATTR_RSRC_MANF_NAME, text.at()), VI_SUCCESS);
    EXPECT_EQ(text.text(), "FreeVISA");
    ViUInt32 number = 0;
    ASSERT_EQ(::viGetAttribute(session, VI_ATTR_RSRC_SPEC_VERSION, &number), VI_SUCCESS);
    EXPECT_EQ(number, VI_SPEC_VERSION);
    ASSERT_EQ(::viGetAttribute(session, VI_ATTR_RM_SESSION, &number), VI_SUCCESS);
    EXPECT_EQ(number, kind == Kind::resource_manager ? VI_NULL : rm_);  // RULE 4.2.2
    ASSERT_EQ(::viGetAttribute(session, VI_ATTR_RSRC_LOCK_STATE, &number), VI_SUCCESS);
    EXPECT_EQ(number, static_cast<ViUInt32>(VI_NO_LOCK));
    Room name;
    ASSERT_EQ(::viGetAttribute(session, VI_ATTR_RSRC_NAME, name.at()), VI_SUCCESS);
    EXPECT_EQ(name.text(), kind == Kind::resource_manager ? "" : names().at(kind));  // RULE 4.2.1
  });
}

class Attributes : public test::VisaSession {};

TEST_F(Attributes, TwinsShareAValueAndKeepTheirWidths) {
  const ViSession session = open(test::kSocket);
  ASSERT_EQ(set(session, VI_ATTR_USER_DATA_64, 0x1122334455667788), VI_SUCCESS);
  Room narrow;
  ASSERT_EQ(::viGetAttribute(session, VI_ATTR_USER_DATA_32, narrow.at()), VI_SUCCESS);
  EXPECT_TRUE(narrow.intact_beyond(4));
  EXPECT_EQ(narrow.number(4), 0x55667788u);
  Room wide;
  ASSERT_EQ(::viGetAttribute(session, VI_ATTR_USER_DATA_64, wide.at()), VI_SUCCESS);
  EXPECT_TRUE(wide.intact_beyond(8));
  EXPECT_EQ(wide.number(8), 0x1122334455667788u);
  ASSERT_EQ(set(session, VI_ATTR_USER_DATA_32, 5), VI_SUCCESS);
  ASSERT_EQ(::viGetAttribute(session, VI_ATTR_USER_DATA_64, wide.at()), VI_SUCCESS);
  EXPECT_EQ(wide.number(8), 5u);
}

TEST_F(Attributes, GlobalOnesAskForTheLockLocalOnesDoNot) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSerial, wire);
  const ViSession other = open(test::kSerial);
  ASSERT_EQ(::viLock(other, VI_EXCLUSIVE_LOCK, 0, nullptr, nullptr), VI_SUCCESS);
  EXPECT_EQ(set(session, VI_ATTR_TMO_VALUE, 100), VI_SUCCESS);
  EXPECT_EQ(set(session, VI_ATTR_ASRL_BAUD, 19200), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(wire->count("set"), 0u);
  wire->has(VI_ATTR_ASRL_BAUD, std::uint64_t{9600});
  ViUInt32 baud = 0;  // reading is always allowed (3.6.1.3)
  EXPECT_EQ(::viGetAttribute(session, VI_ATTR_ASRL_BAUD, &baud), VI_SUCCESS);
  EXPECT_EQ(baud, 9600u);
  ASSERT_EQ(::viUnlock(other), VI_SUCCESS);
  EXPECT_EQ(set(session, VI_ATTR_ASRL_BAUD, 19200), VI_SUCCESS);
  EXPECT_EQ(::viGetAttribute(session, VI_ATTR_ASRL_BAUD, &baud), VI_SUCCESS);
  EXPECT_EQ(baud, 19200u);
}

TEST_F(Attributes, TheDriversRefusalIsToldWithItsReason) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSerial, wire);
  wire->fails("set", Status::error_nsup_attr_state, "ASRL1: the port cannot do that speed");
  EXPECT_EQ(set(session, VI_ATTR_ASRL_BAUD, 12345), VI_ERROR_NSUP_ATTR_STATE);
  EXPECT_NE(description(session, VI_ERROR_NSUP_ATTR_STATE).find("cannot do that speed"),
            std::string::npos);
  ViUInt32 baud = 77;
  EXPECT_EQ(::viGetAttribute(session, VI_ATTR_ASRL_AVAIL_NUM, &baud), VI_ERROR_NSUP_ATTR);
  EXPECT_EQ(baud, 77u);
}

// A driver keeps its attributes in plain fields: the core sees to it that one thread is there.
TEST_F(Attributes, ThreadsReachTheDriverOneAtATime) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSerial, wire);
  wire->has(VI_ATTR_ASRL_BAUD, std::uint64_t{9600}).ignores_everything("set");
  std::thread setter([&] { EXPECT_EQ(set(session, VI_ATTR_ASRL_BAUD, 300), VI_SUCCESS); });
  ASSERT_TRUE(wire->wait_until_blocked());
  ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_IMMEDIATE), VI_SUCCESS);
  ViUInt32 baud = 0;
  EXPECT_EQ(::viGetAttribute(session, VI_ATTR_ASRL_BAUD, &baud), VI_ERROR_TMO);
  EXPECT_EQ(wire->count("get"), 0u);
  std::string data;  // transfers go on
  EXPECT_EQ(write(session, "x"), VI_SUCCESS);
  wire->release();
  setter.join();
  EXPECT_EQ(::viGetAttribute(session, VI_ATTR_ASRL_BAUD, &baud), VI_SUCCESS);
  EXPECT_EQ(baud, 300u);
}

}  // namespace
}  // namespace visa::core
