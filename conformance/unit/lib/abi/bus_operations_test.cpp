// SPDX-License-Identifier: MIT
// The operations of one kind of bus with a wire that has them: what reaches it, what comes back,
// and which arguments do not reach it. Sessions without them are in bad_handles_test.cpp.
#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "conformance/unit/support/visa_session.h"
#include "lib/spi/bus_facets.h"

namespace visa::abi {
namespace {

using std::to_string;

/// All the buses in one: keeps what was asked last, answers `status`.
class Bus final : public spi::GpibBusFacet,
                  public spi::UsbControlFacet,
                  public spi::TriggerRoutingFacet,
                  public spi::BackplaneFacet {
 public:
  Status control_atn(std::uint16_t mode, Call&) override { return note("atn", mode); }
  Status send_ifc(Call&) override { return note("ifc"); }
  spi::WriteResult command(std::span<const std::byte> bytes, Call&) override {
    asked = "command " + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {status, std::min<std::size_t>(bytes.size(), 2)};
  }
  Status pass_control(std::uint16_t primary, std::uint16_t secondary, Call&) override {
    return note("pass", primary, secondary);
  }
  Status control_out(const spi::UsbSetup& setup, std::span<const std::byte> data, Call&) override {
    return note("out", setup.request_type, setup.request, setup.value, setup.index, data.size());
  }
  Result<std::size_t> control_in(const spi::UsbSetup& setup, std::span<std::byte> into,
                                 Call&) override {
    note("in", setup.request_type, setup.request, setup.value, setup.index, into.size());
    if (failed(status)) return status;
    std::fill(into.begin(), into.end(), std::byte{0x5A});
    return into.size() / 2;
  }
  Status map(std::int16_t source, std::int16_t destination, std::uint16_t mode, Call&) override {
    return note("map", source, destination, mode);
  }
  Status unmap(std::int16_t source, std::int16_t destination, Call&) override {
    return note("unmap", source, destination);
  }
  Status reserve(std::span<const std::int16_t> buses, std::span<const std::int16_t> lines,
                 std::int16_t& index, Call&) override {
    note("reserve", buses.size(), lines.size());
    if (failed(status)) index = 1;
    return status;
  }
  Result<std::uint32_t> command_query(std::uint16_t mode, std::uint32_t word, Call&) override {
    note("query", mode, word);
    if (failed(status)) return status;
    return 0x89ABCDEFu;
  }
  Status assert_utility(std::uint16_t line, Call&) override { return note("utility", line); }
  Status assert_interrupt(std::int16_t mode, std::uint32_t id, Call&) override {
    return note("interrupt", mode, id);
  }

  Status status = Status::success;
  std::string asked;

 private:
  template <class... Number>
  Status note(std::string what, Number... numbers) {
    ((what += " " + to_string(numbers)), ...);
    asked = what;
    return status;
  }
};

class BusOperations : public test::VisaSession {
 protected:
  BusOperations() {
    std::shared_ptr<test::FakeWire> wire;
    session_ = open(test::kGpib, wire);
    wire->offers({.gpib = &bus_, .usb = &bus_, .triggers = &bus_, .backplane = &bus_});
  }
  static ViConstBuf bytes(const char* text) { return reinterpret_cast<ViConstBuf>(text); }

  Bus bus_;
  ViSession session_ = VI_NULL;
};

TEST_F(BusOperations, ArgumentsArriveAsTheyAre) {
  EXPECT_EQ(viGpibControlATN(session_, VI_GPIB_ATN_ASSERT), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "atn " + to_string(VI_GPIB_ATN_ASSERT));
  EXPECT_EQ(viGpibSendIFC(session_), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "ifc");
  EXPECT_EQ(viGpibPassControl(session_, 5, VI_NO_SEC_ADDR), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "pass 5 65535");
  EXPECT_EQ(viMapTrigger(session_, VI_TRIG_TTL1, VI_TRIG_ECL0, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "map " + to_string(VI_TRIG_TTL1) + " " + to_string(VI_TRIG_ECL0) + " 0");
  EXPECT_EQ(viUnmapTrigger(session_, VI_TRIG_TTL1, VI_TRIG_ALL), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "unmap " + to_string(VI_TRIG_TTL1) + " " + to_string(VI_TRIG_ALL));
  EXPECT_EQ(viAssertUtilSignal(session_, VI_UTIL_ASSERT_SYSRESET), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "utility " + to_string(VI_UTIL_ASSERT_SYSRESET));
  EXPECT_EQ(viAssertIntrSignal(session_, -1, 0xFFFFFFFF), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "interrupt -1 4294967295");
}

TEST_F(BusOperations, FailuresPassThrough) {
  for (const auto& [status, code] : {std::pair{Status::error_ncic, VI_ERROR_NCIC},
                                     {Status::error_inv_mode, VI_ERROR_INV_MODE},
                                     {Status::error_inv_line, VI_ERROR_INV_LINE},
                                     {Status::error_tmo, VI_ERROR_TMO}}) {
    bus_.status = status;
    EXPECT_EQ(viGpibControlATN(session_, 0), code);
    EXPECT_EQ(viGpibSendIFC(session_), code);
    EXPECT_EQ(viGpibPassControl(session_, 1, 2), code);
    EXPECT_EQ(viMapTrigger(session_, 0, 0, 0), code);
    EXPECT_EQ(viUnmapTrigger(session_, 0, 0), code);
    EXPECT_EQ(viAssertUtilSignal(session_, 0), code);
    EXPECT_EQ(viAssertIntrSignal(session_, 0, 0), code);
    EXPECT_EQ(viUsbControlOut(session_, 0, 0, 0, 0, 0, nullptr), code);
  }
}

TEST_F(BusOperations, GpibCommandCountsWhatWentOutWhateverTheStatus) {
  for (const auto& [status, code] :
       {std::pair{Status::success, VI_SUCCESS}, {Status::error_nlisteners, VI_ERROR_NLISTENERS}}) {
    bus_.status = status;
    ViUInt32 count[2] = {9, 9};
    EXPECT_EQ(viGpibCommand(session_, bytes("?_5"), 3, count), code);
    EXPECT_EQ(bus_.asked, "command ?_5");
    EXPECT_EQ(count[0], 2u);
    EXPECT_EQ(count[1], 9u);
    EXPECT_EQ(viGpibCommand(session_, bytes("?"), 1, nullptr), code);
  }
  bus_.asked.clear();
  ViUInt32 count = 9;
  EXPECT_EQ(viGpibCommand(session_, nullptr, 1, &count), VI_ERROR_USER_BUF);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(bus_.asked, "");
}

TEST_F(BusOperations, UsbControlInWritesItsLengthAtMost) {
  ViUInt16 count[2] = {9, 9};
  unsigned char room[8] = {};
  EXPECT_EQ(viUsbControlIn(session_, 0xA1, 7, 1, 2, 6, room, count), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "in 161 7 1 2 6");
  EXPECT_EQ(count[0], 3u);
  EXPECT_EQ(count[1], 9u);
  EXPECT_EQ(room[5], 0x5A);
  EXPECT_EQ(room[6], 0);
  EXPECT_EQ(viUsbControlIn(session_, 0xA1, 7, 1, 2, 6, room, nullptr), VI_SUCCESS);
  bus_.status = Status::error_io;
  EXPECT_EQ(viUsbControlIn(session_, 0xA1, 7, 1, 2, 6, room, count), VI_ERROR_IO);
  EXPECT_EQ(count[0], 0u);
}

TEST_F(BusOperations, UsbSetupsThatAreNoneDoNotReachTheWire) {
  unsigned char room[8] = {};
  for (const ViInt16 number : {ViInt16{-1}, ViInt16{256}, ViInt16{0x7FFF}}) {
    EXPECT_EQ(viUsbControlOut(session_, number, 1, 0, 0, 8, room), VI_ERROR_INV_MASK);
    EXPECT_EQ(viUsbControlOut(session_, 1, number, 0, 0, 8, room), VI_ERROR_INV_MASK);
    EXPECT_EQ(viUsbControlIn(session_, number, 1, 0, 0, 8, room, nullptr), VI_ERROR_INV_MASK);
    EXPECT_EQ(viUsbControlIn(session_, 1, number, 0, 0, 8, room, nullptr), VI_ERROR_INV_MASK);
  }
  EXPECT_EQ(viUsbControlOut(session_, 1, 1, 0, 0, 1, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(viUsbControlIn(session_, 1, 1, 0, 0, 1, nullptr, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(bus_.asked, "");
  EXPECT_EQ(viUsbControlOut(session_, 0x21, 0xFF, 0xFFFF, 3, 0, nullptr), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "out 33 255 65535 3 0");
}

TEST_F(BusOperations, ReservedTriggersNameTheOneThatFailed) {
  ViInt16 lines[] = {1, 2, 3};
  ViInt16 index[2] = {9, 9};
  EXPECT_EQ(viPxiReserveTriggers(session_, 3, lines, lines, index), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "reserve 3 3");
  EXPECT_EQ(index[0], -1);
  EXPECT_EQ(index[1], 9);
  bus_.status = Status::error_line_in_use;
  EXPECT_EQ(viPxiReserveTriggers(session_, 3, lines, lines, index), VI_ERROR_LINE_IN_USE);
  EXPECT_EQ(index[0], 1);
  EXPECT_EQ(viPxiReserveTriggers(session_, 3, lines, lines, nullptr), VI_ERROR_LINE_IN_USE);
  bus_.asked.clear();
  EXPECT_EQ(viPxiReserveTriggers(session_, -1, lines, lines, index), VI_ERROR_INV_LENGTH);
  EXPECT_EQ(viPxiReserveTriggers(session_, 1, nullptr, lines, index), VI_ERROR_USER_BUF);
  EXPECT_EQ(viPxiReserveTriggers(session_, 1, lines, nullptr, index), VI_ERROR_USER_BUF);
  EXPECT_EQ(index[0], -1);
  EXPECT_EQ(bus_.asked, "");
}

TEST_F(BusOperations, VxiCommandQueryWritesItsResponseAlone) {
  ViUInt32 response[2] = {9, 9};
  EXPECT_EQ(viVxiCommandQuery(session_, VI_VXI_CMD16_RESP16, 0xFFFF, response), VI_SUCCESS);
  EXPECT_EQ(bus_.asked, "query " + to_string(VI_VXI_CMD16_RESP16) + " 65535");
  EXPECT_EQ(response[0], 0x89ABCDEFu);
  EXPECT_EQ(response[1], 9u);
  EXPECT_EQ(viVxiCommandQuery(session_, VI_VXI_CMD16, 1, nullptr), VI_SUCCESS);
  bus_.status = Status::error_resp_pending;
  response[0] = 9;
  EXPECT_EQ(viVxiCommandQuery(session_, VI_VXI_CMD16, 1, response), VI_ERROR_RESP_PENDING);
  EXPECT_EQ(response[0], 9u);
}

}  // namespace
}  // namespace visa::abi
