// SPDX-License-Identifier: MIT
// Each kind of fault of USB, and that the device works on where the fault lets it.
#include "tools/sim/usb/usb_faults.h"

#include <set>

#include "conformance/unit/tools/sim/usb/usb_rig.h"

namespace visa::sim {
namespace {

constexpr int kIn = UsbtmcFunction::kIn;

class UsbFaultsTest : public UsbRig {
 protected:
  static const WireOperation* operation(std::string_view name) {
    return find_usbtmc_operation(name);
  }
  // The whole transfer that answers *IDN? under a fault.
  UsbTransfer answer(const FaultKind& kind, Fault rest = {}) {
    rest.count = 1;
    fault(kind, rest);
    EXPECT_EQ(write("*IDN?"), UsbStatus::success);
    request(1000);
    auto done = receive(4096);
    if (!done) {
      device->cancel(last_id);
      done = take();
    }
    return *done;
  }
  void expect_in_step() {
    EXPECT_EQ(query("*OPC?"), "1\n");
    EXPECT_EQ(one->state.violations, 0U);
  }
  // An abort as a host does it after a transfer that it has cancelled.
  void abort_in() {
    finished.clear();
    EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag, 2, kIn), usb_bytes({1, tag}));
    EXPECT_EQ(receive()->data, "");
  }
};

TEST_F(UsbFaultsTest, NamesAreTheirOwn) {
  std::set<std::string_view> names;
  for (const FaultKind* const kind : fault_kinds(builtin_wires())) {
    EXPECT_TRUE(names.insert(kind->name).second) << kind->name;
  }
  for (const FaultKind* const kind : usb_faults()) {
    EXPECT_TRUE(kind->name.starts_with("usb-")) << kind->name;
  }
}

TEST_F(UsbFaultsTest, AStallOfAMessageOrARequest) {
  fault(kUsbStallFault, {.count = 1, .operation = operation("dev_dep_msg_out")});
  EXPECT_EQ(write("*ESE 3"), UsbStatus::stall);
  device->clear_halt(UsbtmcFunction::kOut);
  EXPECT_EQ(query("*ESE?"), "0\n");
  fault(kUsbStallFault, {.count = 1, .operation = operation("get_capabilities")});
  EXPECT_EQ(ask(UsbtmcRequest::get_capabilities, 0, 24), "stall");
  EXPECT_EQ(ask(UsbtmcRequest::get_capabilities, 0, 24).size(), 24U);
  expect_in_step();
}

TEST_F(UsbFaultsTest, SilenceForgetsAMessageAndLeavesARequestOpen) {
  fault(kUsbSilenceFault, {.count = 1, .operation = operation("dev_dep_msg_out")});
  EXPECT_EQ(write("*ESE 3"), UsbStatus::success);
  EXPECT_EQ(query("*ESE?"), "0\n");
  fault(kUsbSilenceFault, {.count = 1, .operation = operation("request_dev_dep_msg_in")});
  EXPECT_EQ(query("*IDN?"), "nothing");
  device->cancel(last_id);
  abort_in();
  expect_in_step();
  fault(kUsbSilenceFault, {.count = 1, .operation = operation("initiate_clear")});
  EXPECT_EQ(ask(UsbtmcRequest::initiate_clear, 0, 1), "nothing");
  settle();
  EXPECT_TRUE(finished.empty());
  device->cancel(last_id);
  EXPECT_EQ(take()->status, UsbStatus::cancelled);
  expect_in_step();
}

TEST_F(UsbFaultsTest, ARequestForMoreThanTheDeviceBears) {
  fault(kUsbRequestLimitFault);
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(64);
  EXPECT_FALSE(receive());
  device->cancel(last_id);
  abort_in();
  EXPECT_EQ(read(63), kUsbIdentity);
}

TEST_F(UsbFaultsTest, TransfersThatAreNotTakenGoOnAfterwards) {
  const std::uint32_t id =
      fault(kUsbNakFault, {.bytes = 14, .operation = operation("dev_dep_msg_out")});
  EXPECT_FALSE(send(message("*ESE 3")));
  no_fault(id);
  EXPECT_EQ(take()->status, UsbStatus::success);
  EXPECT_EQ(query("*ESE?"), "3\n");
  fault(kUsbNakFault, {.delay = std::chrono::milliseconds(20), .count = 1});
  EXPECT_FALSE(send(message("*ESE 4")));
  EXPECT_EQ(wait()->status, UsbStatus::success);
  EXPECT_EQ(query("*ESE?"), "4\n");
}

TEST_F(UsbFaultsTest, LatenessOfMessagesRequestsAndAnswers) {
  const Fault late{.delay = std::chrono::milliseconds(20), .count = 1};
  fault(kUsbLateFault, late);
  EXPECT_FALSE(send(message("*IDN?")));
  EXPECT_TRUE(wait());
  fault(kUsbLateFault, late);
  request(100);
  EXPECT_FALSE(receive());
  EXPECT_EQ(wait()->data.substr(kUsbtmcHeader), kUsbIdentity);
  fault(kUsbLateFault, late);
  EXPECT_EQ(ask(UsbtmcRequest::check_clear_status, 0, 2), "nothing");
  EXPECT_EQ(wait()->data, usb_bytes({1, 0}));
  expect_in_step();
}

TEST_F(UsbFaultsTest, AStatusInsteadOfTheExecution) {
  fault(kUsbStatusFault, {.count = 1, .error = 0x80});
  EXPECT_EQ(ask(UsbtmcRequest::initiate_clear, 0, 1), "\x80");
  EXPECT_EQ(one->state.clears, 0U);
  fault(kUsbStatusFault, {.count = 1, .error = 2});
  EXPECT_EQ(ask(UsbtmcRequest::check_abort_bulk_in_status, 0, 8, kIn),
            "\x02" + std::string(7, '\0'));
  fault(kUsbStatusFault, {.count = 1, .error = 0x20});
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 2, 3), usb_bytes({0x20, 0, 0}));
}

TEST_F(UsbFaultsTest, AHungDeviceAnswersNothing) {
  const std::uint32_t id =
      fault(kUsbHangFault, {.count = 1, .operation = operation("initiate_clear")});
  EXPECT_EQ(ask(UsbtmcRequest::initiate_clear, 0, 1), "nothing");
  EXPECT_FALSE(send(message("*CLS")));
  EXPECT_EQ(ask(UsbtmcRequest::get_capabilities, 0, 24), "nothing");
  while (last_id > 0) device->cancel(last_id--);
  finished.clear();
  no_fault(id);
  tag = 0;
  EXPECT_EQ(query("*OPC?"), "1\n");
}

TEST_F(UsbFaultsTest, TheDeviceGoesInTheMiddleOfARequest) {
  fault(kUsbUnplugFault, {.delay = std::chrono::milliseconds(50), .count = 1});
  EXPECT_EQ(write("*CLS"), UsbStatus::success);
  settle();
  ASSERT_TRUE(unplugged);
  EXPECT_EQ(*unplugged, std::chrono::milliseconds(50));
}

TEST_F(UsbFaultsTest, HeadersThatAreWrong) {
  UsbTransfer done = answer(kUsbTagFault);
  EXPECT_EQ(done.data[1], static_cast<char>(tag + 1));
  done = answer(kUsbTagFault, {.length = 255});
  EXPECT_EQ(done.data[1], static_cast<char>(tag - 1));
  done = answer(kUsbTagCopyFault);
  EXPECT_EQ(done.data[2], static_cast<char>(tag));
  EXPECT_EQ(answer(kUsbMessageIdFault, {.error = 0x7E}).data[0], 0x7E);
  EXPECT_EQ(answer(kUsbLengthFault).data.substr(4, 4), "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(answer(kUsbLengthFault, {.length = 1}).data.substr(4, 4), usb_bytes({1, 0, 0, 0}));
  EXPECT_NE(answer(kUsbReservedFault).data[3], 0);
  EXPECT_EQ(answer(kUsbNoEomFault).data[8], 0);
  expect_in_step();
}

TEST_F(UsbFaultsTest, EndOfMessageWhereThereIsNone) {
  fault(kUsbEomFault, {.count = 1});
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(read(3), "A,B");
  EXPECT_TRUE(end_of_message());
  EXPECT_EQ(read(), ",C,D\n");
}

TEST_F(UsbFaultsTest, LengthsThatAreWrong) {
  EXPECT_EQ(answer(kUsbShortFault).data.size(), 10U);
  EXPECT_EQ(answer(kUsbShortFault, {.bytes = 0}).data, "");
  EXPECT_EQ(answer(kUsbTrailingFault).data.substr(20), std::string(16, 't'));
  EXPECT_EQ(answer(kUsbTrailingFault, {.bytes = 1}).data.size(), 21U);
  fault(kUsbLongFault, {.bytes = 2, .count = 1});
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(read(3), "A,B,C");
  expect_in_step();
}

TEST_F(UsbFaultsTest, TransfersWithoutAShortPacket) {
  const UsbTransfer filled = answer(kUsbFillFault);
  EXPECT_EQ(filled.status, UsbStatus::cancelled) << "no short packet ends it";
  EXPECT_EQ(filled.data.size(), 512U);
  expect_in_step();
  EXPECT_EQ(write("TEXT \"" + std::string(500 - 3, 'x') + "\""), UsbStatus::success);
  fault(kUsbNoEmptyFault, {.count = 1});
  EXPECT_EQ(write("TEXT?"), UsbStatus::success);
  request(1000);
  EXPECT_EQ(receive(512)->data.size(), 512U);
  expect_in_step();
  fault(kUsbNoEmptyFault, {.count = 1});
  EXPECT_EQ(write("TEXT?"), UsbStatus::success);
  request(1000);
  EXPECT_FALSE(receive(4096));
  device->cancel(last_id);
  EXPECT_EQ(take()->data.size(), 512U);
  expect_in_step();
}

TEST_F(UsbFaultsTest, AnswersInPieces) {
  fault(kUsbSplitFault, {.delay = std::chrono::milliseconds(10), .pieces = 4, .count = 1});
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(5000);
  const auto begun = Clock::now();
  EXPECT_FALSE(receive(8192));
  EXPECT_EQ(wait()->data.size(), kUsbtmcHeader + 4007);
  EXPECT_GE(Clock::now() - begun, std::chrono::milliseconds(25));
  const std::uint32_t id = fault(kUsbHoldFault, {.bytes = 512});
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(5000);
  EXPECT_EQ(receive(512)->data.size(), 512U);
  EXPECT_FALSE(receive(8192));
  no_fault(id);
  EXPECT_EQ(take()->data.size(), kUsbtmcHeader + 4007 - 512);
  fault(kUsbHoldFault, {.delay = std::chrono::milliseconds(10), .count = 1});
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(5000);
  EXPECT_FALSE(receive(8192));
  EXPECT_EQ(wait()->data.size(), kUsbtmcHeader + 4007);
  expect_in_step();
}

TEST_F(UsbFaultsTest, TransfersThatFail) {
  UsbTransfer done = answer(kUsbStallInFault, {.bytes = 0});
  EXPECT_EQ(done.status, UsbStatus::stall);
  EXPECT_EQ(receive()->status, UsbStatus::stall) << "until the host clears it";
  device->clear_halt(UsbtmcFunction::kIn);
  expect_in_step();
  done = answer(kUsbBabbleFault, {.bytes = 5});
  EXPECT_EQ(done.status, UsbStatus::babble);
  EXPECT_EQ(done.data.size(), 5U);
  EXPECT_EQ(answer(kUsbBusErrorFault).status, UsbStatus::bus_error);
  expect_in_step();
}

TEST_F(UsbFaultsTest, TheDeviceGoesInTheMiddleOfAnAnswer) {
  fault(kUsbUnplugInFault, {.count = 1});
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(5000);
  EXPECT_FALSE(receive(8192));
  settle();
  EXPECT_TRUE(unplugged);
  device->leave();
  const auto done = take();
  EXPECT_EQ(done->status, UsbStatus::gone);
  EXPECT_EQ(done->data.size(), 1536U);
  EXPECT_EQ(receive()->status, UsbStatus::gone);
}

TEST_F(UsbFaultsTest, AnAnswerThatDoesNotCome) {
  EXPECT_EQ(answer(kUsbLostFault).status, UsbStatus::cancelled);
  abort_in();
  expect_in_step();
}

TEST_F(UsbFaultsTest, ATransferThatNeverEnds) {
  const std::uint32_t id = fault(kUsbEndlessFault);
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(1000);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(receive(4096)->data.size(), 4096U);
  abort_in();
  instrument->faults().remove(id);
  expect_in_step();
}

TEST_F(UsbFaultsTest, TransfersBeforeTheAnswer) {
  fault(kUsbEmptyFault, {.count = 1});
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(1000);
  EXPECT_EQ(receive()->data, "");
  EXPECT_EQ(receive()->data.substr(kUsbtmcHeader), kUsbIdentity);
  fault(kUsbStaleFault, {.count = 1});
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(1000);
  const auto stale = receive();
  EXPECT_EQ(stale->data.substr(kUsbtmcHeader), "the answer before\n");
  EXPECT_EQ(stale->data[1], static_cast<char>(tag - 1));
  EXPECT_EQ(receive()->data.substr(kUsbtmcHeader), kUsbIdentity);
  expect_in_step();
}

TEST_F(UsbFaultsTest, AHeaderOnlyInTheFirstPacket) {
  fault(kUsbHeaderOnceFault);
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(1000);
  auto first = receive(1024);
  EXPECT_EQ(first->data.substr(4, 4), usb_bytes({1000 & 0xFF, 1000 >> 8, 0, 0}));
  EXPECT_EQ(first->data[8] & 1, 1);
  std::string all = first->data.substr(kUsbtmcHeader);
  for (auto next = receive(1024); next && !next->data.empty(); next = receive(1024)) {
    all += next->data;
    if (next->data.size() < 1024) break;
  }
  EXPECT_EQ(all.size(), 4007U);
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(1000);
  first = receive(1024);
  request(1000);
  EXPECT_EQ(receive(1024)->data, first->data) << "a second request begins anew";
}

TEST_F(UsbFaultsTest, AnAbortThatIsNotFollowedByAPacket) {
  fault(kUsbAbortSilentFault);
  request(10);
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag, 2, kIn), usb_bytes({1, tag}));
  EXPECT_EQ(ask(UsbtmcRequest::check_abort_bulk_in_status, 0, 8, kIn)[0], 1);
  EXPECT_FALSE(receive());
}

TEST_F(UsbFaultsTest, StatusBytesThatGoAstray) {
  const auto packet = [this] {
    const auto done = receive(64, UsbtmcFunction::kInterrupt);
    if (!done) device->cancel(last_id);
    finished.clear();
    return done ? done->data : "nothing";
  };
  fault(kUsbStatusInControlFault, {.count = 1});
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 2, 3), usb_bytes({1, 2, 0x10}));
  EXPECT_EQ(packet(), "nothing");
  fault(kUsbInterruptLostFault, {.count = 1});
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 3, 3), usb_bytes({1, 3, 0}));
  EXPECT_EQ(packet(), "nothing");
  fault(kUsbInterruptTagFault, {.count = 1});
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 4, 3), usb_bytes({1, 4, 0}));
  EXPECT_EQ(packet(), usb_bytes({0x85, 0x10}));
  fault(kUsbInterruptExtraFault, {.count = 1, .error = 0x11});
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 5, 3), usb_bytes({1, 5, 0}));
  EXPECT_EQ(packet(), usb_bytes({0x11, 0}));
  EXPECT_EQ(packet(), usb_bytes({0x85, 0x10}));
}

TEST_F(UsbFaultsTest, RequestsForServiceThatAreLostOrDoubled) {
  fault(kUsbSrqLostFault, {.count = 1});
  EXPECT_EQ(write("*ESE 1;*SRE 32;*OPC"), UsbStatus::success);
  EXPECT_FALSE(receive(64, UsbtmcFunction::kInterrupt));
  device->cancel(last_id);
  finished.clear();
  fault(kUsbSrqTwiceFault, {.count = 1});
  EXPECT_EQ(write("*CLS;*OPC"), UsbStatus::success);
  EXPECT_EQ(receive(64, UsbtmcFunction::kInterrupt)->data[0], '\x81');
  EXPECT_EQ(receive(64, UsbtmcFunction::kInterrupt)->data[0], '\x81');
}

}  // namespace
}  // namespace visa::sim
