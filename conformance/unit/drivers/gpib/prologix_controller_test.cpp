// SPDX-License-Identifier: MIT
// A Prologix as a controller: what goes over the line for each operation, and how answers that come
// late, in pieces or never are not taken for the next.
#include "drivers/gpib/prologix_controller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "conformance/unit/drivers/support/prologix_fixture.h"

namespace visa::drivers::gpib {
namespace {

// One send for the message; one send and one receive for the answer.
TEST_F(PrologixControllerTest, AQueryIsTwoSendsAndOneReceive) {
  model_->answers["5"] = "1.5\n";
  EXPECT_EQ(write(kDmm, "READ?\n"), Status::success);
  const auto answer = read(kDmm, 100);
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(answer.data, "1.5\n");
  EXPECT_EQ(model_->sends, 2U);
  EXPECT_EQ(model_->receives, 1U);
  EXPECT_EQ(model_->messages, Lines{"5:READ?\n"});
  EXPECT_EQ(model_->take_lines(),
            (Lines{"++addr 5", "READ?\x1B\n", "++read_tmo_ms 2000", "++read eoi", "++ver"}));
  // What the adapter knows is not sent again.
  model_->answers["5"] = "2";
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).data, "2");
  EXPECT_EQ(model_->take_lines(), (Lines{"READ?", "++read eoi", "++ver"}));
}

TEST_F(PrologixControllerTest, CarriesEveryByteBothWays) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(write(kScope, all), Status::success);
  EXPECT_EQ(model_->messages, Lines{"9 98:" + all});
  for (const std::size_t piece : {0U, 1U, 3U}) {
    model_->piece = piece;
    model_->answers["9 98"] = all + all;
    const auto answer = read(kScope, 1000);
    EXPECT_EQ(answer.data, all + all);
    EXPECT_EQ(answer.reason, spi::StopReason::end);
  }
}

TEST_F(PrologixControllerTest, KeepsWhatAReadDidNotTake) {
  model_->answers["5"] = "0123456789";
  EXPECT_EQ(read(kDmm, 4).reason, spi::StopReason::count);
  EXPECT_EQ(read(kDmm, 3).data, "456");
  const auto last = read(kDmm, 3);
  EXPECT_EQ(last.data, "789");
  EXPECT_EQ(last.reason, spi::StopReason::end);  // 6.1.1: above the count
  EXPECT_EQ(model_->sends, 1U);
}

TEST_F(PrologixControllerTest, KeepsAnAnswerWhileAnotherDeviceIsUsed) {
  model_->answers["5"] = "0123456789";
  model_->answers["9 98"] = "scope";
  EXPECT_EQ(read(kDmm, 4).data, "0123");
  EXPECT_EQ(read(kScope, 100).data, "scope");
  model_->polls["5"] = 0x10;
  EXPECT_EQ(*poll(kDmm), 0x10);
  const auto rest = read(kDmm, 100);
  EXPECT_EQ(rest.data, "456789");
  EXPECT_EQ(rest.reason, spi::StopReason::end);
}

TEST_F(PrologixControllerTest, ANewMessageMakesTheOldAnswerVoid) {
  model_->answers["5"] = "0123456789";
  EXPECT_EQ(read(kDmm, 4).data, "0123");
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::success);
  model_->answers["5"] = "next";
  EXPECT_EQ(read(kDmm, 100).data, "next");
}

// The answer comes after its read was given up: the next query gets its own.
TEST_F(PrologixControllerTest, ALateAnswerIsNotTakenForTheNextOne) {
  model_->held = true;
  model_->answers["5"] = "late";
  EXPECT_EQ(read(kDmm, 100, {}, std::chrono::milliseconds(1)).status, Status::error_tmo);
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::error_tmo);  // the adapter has not answered yet
  model_->let_go();
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::success);
  model_->answers["5"] = "next";
  EXPECT_EQ(read(kDmm, 100).data, "next");
}

TEST_F(PrologixControllerTest, ALateAnswerIsThereForAFurtherRead) {
  model_->held = true;
  model_->answers["5"] = "late";
  EXPECT_EQ(read(kDmm, 100, {}, std::chrono::milliseconds(1)).status, Status::error_tmo);
  model_->let_go();
  EXPECT_EQ(read(kDmm, 100).data, "late");
}

// The adapter gives up after its own timer; the read goes on until the deadline.
TEST_F(PrologixControllerTest, AsksAgainWhereTheAdapterStoppedToWait) {
  model_->answers["5"] = "first ";
  model_->without_end = true;
  const auto begun = read(kDmm, 100, {}, std::chrono::milliseconds(20));
  EXPECT_EQ(begun.status, Status::error_tmo);
  EXPECT_EQ(begun.data, "first ");
  model_->without_end = false;
  model_->answers["5"] = "second";
  EXPECT_EQ(read(kDmm, 100).data, "second");
}

TEST_F(PrologixControllerTest, GetsBackInStepWhenTheClosingLineIsLost) {
  model_->version = "";  // it is not sent
  model_->answers["5"] = "1";
  EXPECT_EQ(read(kDmm, 1, {}, std::chrono::milliseconds(1)).data, "1");
  model_->version = AdapterModel::kVersion;
  model_->piece = 1;  // also the line end of the answer that it waits for
  // The timer of the adapter has run out, and with it the patience.
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  model_->answers["5"] = "2";
  model_->take_lines();
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).data, "2");
  const auto lines = model_->take_lines();
  EXPECT_EQ(lines[1], "++read_tmo_ms");
}

TEST_F(PrologixControllerTest, StopsAtTheTerminationCharacter) {
  model_->answers["5"] = "one\ntwo\n";
  const spi::EndRule rule{.termchar_enabled = true};
  const auto first = read(kDmm, 100, rule);
  EXPECT_EQ(first.data, "one\n");
  EXPECT_EQ(first.reason, spi::StopReason::termchar);
  const auto second = read(kDmm, 100, rule);
  EXPECT_EQ(second.data, "two\n");
  EXPECT_EQ(second.reason, spi::StopReason::end);
}

// END that comes long after the termination character belongs to the answer before.
TEST_F(PrologixControllerTest, AnEndAloneAfterTheTerminationCharacterEndsNoRead) {
  const spi::EndRule rule{.termchar_enabled = true};
  for (const bool elsewhere : {false, true}) {
    model_->version = "";  // it is not sent yet
    model_->without_end = true;
    model_->answers["5"] = "one\n";
    EXPECT_EQ(read(kDmm, 100, rule).reason, spi::StopReason::termchar);
    model_->version = AdapterModel::kVersion;
    model_->without_end = false;
    model_->incoming = "\x04" + model_->version;
    model_->polls["9 98"] = 0;
    if (elsewhere) static_cast<void>(poll(kScope));
    model_->answers["5"] = "two\n";
    EXPECT_EQ(read(kDmm, 100, rule).data, "two\n");
  }
}

TEST_F(PrologixControllerTest, SaysThatAPartOfTheAnswerWasLost) {
  begin_to_lose(100, "01");
  EXPECT_EQ(read(kDmm, 100).status, Status::error_io);
  model_->version = AdapterModel::kVersion;
  model_->without_end = false;
  model_->answers["5"] = "next";
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).data, "next");
}

TEST_F(PrologixControllerTest, SaysThatAPartOfAKeptAnswerWasLost) {
  begin_to_lose(1, "0");
  model_->version = AdapterModel::kVersion;
  model_->polls["9 98"] = 0;
  EXPECT_EQ(*poll(kScope), 0);
  const auto rest = read(kDmm, 100);
  EXPECT_EQ(rest.status, Status::error_io);
  EXPECT_EQ(rest.data, "1");
}

TEST_F(PrologixControllerTest, AnAdapterThatNeverStopsCostsTheTimeout) {
  model_->version = "";
  model_->floods = true;
  for (int turn = 0; turn < 2; ++turn) {  // it asks; it waits for the rest of the answer before
    Call call(Deadline::after(std::chrono::milliseconds(5)));
    EXPECT_EQ(controller_->service_requested(call).status(), Status::error_tmo);
  }
}

// It has what the next receive asks for at any time, so only the deadline ends the read. Without
// that the buffer would be full after 256 receives of a millisecond each.
TEST_F(PrologixControllerTest, AnAdapterThatNeverPausesDoesNotFillALargeBuffer) {
  model_->version = "";
  model_->floods = true;
  model_->pause = std::chrono::milliseconds(1);
  const auto answer = read(kDmm, 256 * PrologixAnswer::kPiece, {}, std::chrono::milliseconds(20));
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_GT(answer.data.size(), 0U);
  EXPECT_LT(answer.data.size(), 256 * PrologixAnswer::kPiece);
}

TEST_F(PrologixControllerTest, SendsEoiAsTheProgramWants) {
  EXPECT_EQ(write(kDmm, "AB", spi::WriteEnd::none), Status::success);
  EXPECT_EQ(write(kDmm, "CD"), Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"++addr 5", "++eoi 0", "AB", "++eoi 1", "CD"}));
  EXPECT_EQ(write(kDmm, ""), Status::success);
  EXPECT_EQ(model_->take_lines(), Lines{});
}

TEST_F(PrologixControllerTest, SaysAgainWhatAnAdapterMayNotHaveHeard) {
  model_->send_status = Status::error_tmo;
  EXPECT_EQ(write(kDmm, "AB", spi::WriteEnd::none), Status::error_tmo);
  EXPECT_EQ(write(kDmm, "AB", spi::WriteEnd::none), Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"++addr 5", "++eoi 0", "AB"}));
}

// The rest of a line that went out in part must not be glued to the next one.
TEST_F(PrologixControllerTest, EndsALineThatWentOutInPart) {
  model_->send_status = Status::error_tmo;
  model_->send_count = 12;
  EXPECT_EQ(write(kDmm, "A LONG MESSAGE"), Status::error_tmo);
  model_->take_lines();
  model_->answers["5"] = "x";
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"A L", "", "++addr 5", "++eoi 1", "NEXT?"}));
  EXPECT_EQ(read(kDmm, 10).data, "x");
}

// An LF after ESC is a byte of the message, so the line goes on.
TEST_F(PrologixControllerTest, EndsALineThatWentOutUpToAnEscapedLineEnd) {
  model_->send_status = Status::error_tmo;
  model_->send_count = 12;
  EXPECT_EQ(write(kDmm, "A\nLONG MESSAGE"), Status::error_tmo);
  model_->take_lines();
  EXPECT_EQ(write(kDmm, "NEXT?"), Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"A\x1B\n", "", "++addr 5", "++eoi 1", "NEXT?"}));
}

TEST_F(PrologixControllerTest, SaysWhenTheConnectionIsLost) {
  model_->is_lost = true;
  EXPECT_EQ(read(kDmm, 10).status, Status::error_conn_lost);
  EXPECT_TRUE(controller_->gone());
}

class OldAr488ControllerTest : public PrologixControllerTest {
 protected:
  OldAr488ControllerTest() : PrologixControllerTest("AR488 GPIB controller, ver. 0.48.21\r\n") {
    model_->reads_alone = true;
  }
};

// The question that closes an answer comes after the answer.
TEST_F(OldAr488ControllerTest, AsksNothingWhileTheAdapterReads) {
  model_->answers["5"] = "1.5\n";
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  const auto answer = read(kDmm, 100);
  EXPECT_EQ(answer.data, "1.5\n");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  model_->answers["5"] = "0123";
  EXPECT_EQ(read(kDmm, 4).reason, spi::StopReason::end);
  EXPECT_EQ(read(kDmm, 4, {}, std::chrono::milliseconds(30)).status, Status::error_tmo);
  model_->answers["5"] = "next";
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).data, "next");
}

}  // namespace
}  // namespace visa::drivers::gpib
