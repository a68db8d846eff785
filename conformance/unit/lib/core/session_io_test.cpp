// SPDX-License-Identifier: MIT
// Transfers that are more than one read or write: status byte, trigger and clear by message, files.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <thread>

#include "conformance/unit/support/visa_session.h"
#include "lib/core/transfer_file.h"

namespace visa::core {
namespace {

using spi::StopReason;
using spi::WriteEnd;

class SessionIo : public test::VisaSession {
 protected:
  void open_on(const char* name) { session_ = open(name, wire_); }
  void by_message() { ASSERT_EQ(set(session_, VI_ATTR_IO_PROT, VI_PROT_4882_STRS), VI_SUCCESS); }
  ViStatus to_file(const std::string& path, ViUInt32 count) {
    return ::viReadToFile(session_, path.c_str(), count, &moved_);
  }
  ViStatus from_file(const std::string& path, ViUInt32 count) {
    return ::viWriteFromFile(session_, path.c_str(), count, &moved_);
  }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
  ViUInt32 moved_ = 0xDEAD;
};

TEST_F(SessionIo, StatusByteComesFromTheWireWhereItHasOne) {
  open_on(test::kGpib);
  wire_->then({.operation = "stb", .status_byte = 0x50});
  ViUInt16 byte = 0xFFFF;
  EXPECT_EQ(::viReadSTB(session_, &byte), VI_SUCCESS);
  EXPECT_EQ(byte, 0x50);
  EXPECT_EQ(wire_->written(), "");
}

TEST_F(SessionIo, StatusByteByMessageOnByteStreams) {
  for (const char* name : {test::kSocket, test::kSerial}) {
    open_on(name);
    ViUInt16 byte = 0xFFFF;
    EXPECT_EQ(::viReadSTB(session_, &byte), VI_ERROR_INV_SETUP) << name;
    EXPECT_EQ(byte, 0xFFFF);
    EXPECT_NE(description(session_, VI_ERROR_INV_SETUP).find("VI_PROT_4882_STRS"),
              std::string::npos);
    EXPECT_EQ(wire_->written(), "");
    by_message();
    wire_->answers("80\n", StopReason::termchar);
    EXPECT_EQ(::viReadSTB(session_, &byte), VI_SUCCESS) << name;
    EXPECT_EQ(byte, 80);
    EXPECT_EQ(wire_->written(), "*STB?\n");
  }
}

TEST_F(SessionIo, ABadAnswerToStatusByteIsAProtocolViolation) {
  open_on(test::kSocket);
  by_message();
  wire_->answers("nonsense\n", StopReason::termchar);
  ViUInt16 byte = 0xFFFF;
  EXPECT_EQ(::viReadSTB(session_, &byte), VI_ERROR_OUTP_PROT_VIOL);
  EXPECT_EQ(byte, 0xFFFF) << "nothing is written by a failure";
  wire_->answers("3\n", StopReason::termchar);
  EXPECT_EQ(::viReadSTB(session_, &byte), VI_SUCCESS);
  EXPECT_EQ(byte, 3);
}

TEST_F(SessionIo, OtherWiresDoNotAskForTheStatusByteByMessage) {
  open_on(test::kUsb);
  ViUInt16 byte = 0;
  EXPECT_EQ(::viReadSTB(session_, &byte), VI_ERROR_NSUP_OPER);
  EXPECT_EQ(wire_->written(), "");
}

TEST_F(SessionIo, TriggerByMessageKnowsTheDefaultProtocolOnly) {
  open_on(test::kSocket);
  EXPECT_EQ(::viAssertTrigger(session_, VI_TRIG_PROT_DEFAULT), VI_ERROR_INV_SETUP);
  by_message();
  EXPECT_EQ(::viAssertTrigger(session_, VI_TRIG_PROT_ON), VI_ERROR_INV_PROT);
  EXPECT_EQ(::viAssertTrigger(session_, 0xFFFF), VI_ERROR_INV_PROT);
  EXPECT_EQ(wire_->written(), "");
  EXPECT_EQ(::viAssertTrigger(session_, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(wire_->written(), "*TRG\n");
}

TEST_F(SessionIo, TriggerGoesToTheWireWhereItHasOne) {
  open_on(test::kGpib);
  wire_->then({.operation = "trigger"});
  EXPECT_EQ(::viAssertTrigger(session_, VI_TRIG_PROT_SYNC), VI_SUCCESS);
  EXPECT_EQ(wire_->last("trigger").data, std::to_string(VI_TRIG_PROT_SYNC));
}

TEST_F(SessionIo, ClearSendsItsMessageBehindTheWiresOwnClear) {
  open_on(test::kSocket);
  EXPECT_EQ(::viClear(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->written(), "");
  by_message();
  EXPECT_EQ(::viClear(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->written(), "*CLS\n");
  EXPECT_EQ(wire_->operations(), (std::vector<std::string>{"clear", "clear", "write"}));
  wire_->fails("clear", Status::error_conn_lost);
  EXPECT_EQ(::viClear(session_), VI_ERROR_CONN_LOST);
  EXPECT_EQ(wire_->written(), "*CLS\n");
}

TEST_F(SessionIo, ReadToFileTakesAllPieces) {
  open_on(test::kGpib);
  const std::string data(3 * TransferFile::kPiece + 17, 'w');
  wire_->answers(data);
  const auto path = folder_.make("wave", "old contents that are longer than nothing");
  EXPECT_EQ(to_file(path, 10'000'000), VI_SUCCESS);
  EXPECT_EQ(moved_, data.size());
  EXPECT_EQ(folder_.text("wave"), data);
  const auto deadline = wire_->last("read").deadline;
  for (const auto& one : wire_->seen()) EXPECT_EQ(one.deadline, deadline);
}

TEST_F(SessionIo, ReadToFileStopsAtTheCount) {
  open_on(test::kGpib);
  wire_->answers(std::string(100, 'a'));
  const auto path = folder_.file("part");
  EXPECT_EQ(to_file(path, 60), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(moved_, 60u);
  EXPECT_EQ(folder_.text("part"), std::string(60, 'a'));
}

TEST_F(SessionIo, ReadToFileAppendsWhenAsked) {
  open_on(test::kGpib);
  ASSERT_EQ(set(session_, VI_ATTR_FILE_APPEND_EN, VI_TRUE), VI_SUCCESS);
  const auto path = folder_.make("log", "one,");
  wire_->answers("two,").answers("three");
  EXPECT_EQ(to_file(path, 100), VI_SUCCESS);
  EXPECT_EQ(to_file(path, 100), VI_SUCCESS);
  EXPECT_EQ(folder_.text("log"), "one,two,three");
}

TEST_F(SessionIo, ReadToFileKeepsWhatCameBeforeAFailure) {
  open_on(test::kGpib);
  wire_->then({.operation = "read", .status = Status::error_tmo, .data = "part"});
  EXPECT_EQ(to_file(folder_.file("part"), 100), VI_ERROR_TMO);
  EXPECT_EQ(moved_, 4u);
  EXPECT_EQ(folder_.text("part"), "part");
}

TEST_F(SessionIo, ReadToFileWithoutAPlaceReadsNothing) {
  open_on(test::kGpib);
  const auto fifo = folder_.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const auto& path :
       {std::string("/nonexistent-folder/file"), folder_.path(), std::string(), fifo}) {
    moved_ = 0xDEAD;
    EXPECT_EQ(to_file(path, 10), VI_ERROR_FILE_ACCESS) << path;
    EXPECT_EQ(moved_, 0u);
  }
  EXPECT_EQ(::viReadToFile(session_, nullptr, 10, &moved_), VI_ERROR_FILE_ACCESS);
  EXPECT_EQ(wire_->count("read"), 0u);
  EXPECT_EQ(::viReadToFile(session_, "/nonexistent-folder/file", 10, nullptr),
            VI_ERROR_FILE_ACCESS);
  EXPECT_NE(description(session_, VI_ERROR_FILE_ACCESS).find("/nonexistent-folder/file"),
            std::string::npos);
}

TEST_F(SessionIo, ReadToAFullDiskIsAnErrorOfTheFile) {
  open_on(test::kGpib);
  wire_->answers("data");
  EXPECT_EQ(to_file("/dev/full", 100), VI_ERROR_FILE_IO);
  EXPECT_EQ(moved_, 0u);
}

TEST_F(SessionIo, ReadToAFifoNobodyEmptiesDoesNotHang) {
  open_on(test::kGpib);
  const auto fifo = folder_.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const UniqueFd reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
  ASSERT_TRUE(reader);
  ASSERT_EQ(set(session_, VI_ATTR_TMO_VALUE, 200), VI_SUCCESS);
  wire_->answers(std::string(1'000'000, 'x'));  // more than a pipe holds
  EXPECT_EQ(to_file(fifo, 2'000'000), VI_ERROR_FILE_IO);
}

TEST_F(SessionIo, WriteFromFileEndsOnlyItsLastPiece) {
  open_on(test::kGpib);
  const std::string data(2 * TransferFile::kPiece + 5, 'd');
  EXPECT_EQ(from_file(folder_.make("script", data), 10'000'000), VI_SUCCESS);
  EXPECT_EQ(moved_, data.size());
  EXPECT_EQ(wire_->written(), data);
  const auto all = wire_->seen();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].end, WriteEnd::none);
  EXPECT_EQ(all[1].end, WriteEnd::none);
  EXPECT_EQ(all[2].end, WriteEnd::end);
  EXPECT_EQ(all[2].deadline, all[0].deadline);
}

TEST_F(SessionIo, WriteFromFileOfWholePiecesEndsTheLastOne) {
  open_on(test::kGpib);
  const std::string data(2 * TransferFile::kPiece, 'd');
  EXPECT_EQ(from_file(folder_.make("script", data), 10'000'000), VI_SUCCESS);
  const auto all = wire_->seen();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].end, WriteEnd::none);
  EXPECT_EQ(all[1].end, WriteEnd::end);
}

TEST_F(SessionIo, WriteFromFileStopsAtTheCountAndEndsThere) {
  open_on(test::kGpib);
  const auto path = folder_.make("script", "0123456789");
  EXPECT_EQ(from_file(path, 4), VI_SUCCESS);
  EXPECT_EQ(wire_->written(), "0123");
  EXPECT_EQ(wire_->last("write").end, WriteEnd::end);
  EXPECT_EQ(moved_, 4u);
  ASSERT_EQ(set(session_, VI_ATTR_SEND_END_EN, VI_FALSE), VI_SUCCESS);
  EXPECT_EQ(from_file(path, 4), VI_SUCCESS);
  EXPECT_EQ(wire_->last("write").end, WriteEnd::none);
}

TEST_F(SessionIo, AnEmptyFileSendsNothing) {
  open_on(test::kGpib);
  EXPECT_EQ(from_file(folder_.make("empty", ""), 10), VI_SUCCESS);
  EXPECT_EQ(moved_, 0u);
  EXPECT_EQ(wire_->count("write"), 0u);
}

TEST_F(SessionIo, WriteFromFileTellsHowFarItCame) {
  open_on(test::kGpib);
  const std::string data(TransferFile::kPiece + 100, 'd');
  wire_->then({.operation = "write"})
      .then({.operation = "write", .status = Status::error_tmo, .count = 10});
  EXPECT_EQ(from_file(folder_.make("script", data), 10'000'000), VI_ERROR_TMO);
  EXPECT_EQ(moved_, TransferFile::kPiece + 10);
}

TEST_F(SessionIo, WriteFromWhatIsNoFileSendsNothing) {
  open_on(test::kGpib);
  EXPECT_EQ(from_file(folder_.file("missing"), 10), VI_ERROR_FILE_ACCESS);
  EXPECT_EQ(from_file(folder_.path(), 10), VI_ERROR_FILE_IO);  // a folder opens, but has no bytes
  EXPECT_EQ(::viWriteFromFile(session_, nullptr, 10, &moved_), VI_ERROR_FILE_ACCESS);
  const auto fifo = folder_.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  ASSERT_EQ(set(session_, VI_ATTR_TMO_VALUE, 100), VI_SUCCESS);
  EXPECT_EQ(from_file(fifo, 10), VI_ERROR_FILE_IO);  // nobody feeds it
  EXPECT_EQ(wire_->count("write"), 0u);
}

TEST_F(SessionIo, ALockedResourceLeavesTheFileAlone) {
  open_on(test::kGpib);
  const ViSession other = open(test::kGpib);
  ASSERT_EQ(::viLock(other, VI_EXCLUSIVE_LOCK, 0, nullptr, nullptr), VI_SUCCESS);
  const auto path = folder_.make("precious", "keep");
  EXPECT_EQ(to_file(path, 10), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(folder_.text("precious"), "keep");
  EXPECT_EQ(wire_->operations(), std::vector<std::string>{});
}

}  // namespace
}  // namespace visa::core
