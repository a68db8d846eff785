// SPDX-License-Identifier: MIT
// A Prologix as a controller: what goes over the line for each operation, and how answers that come
// late, in pieces or never are not taken for the next.
#include "drivers/gpib/prologix_controller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/adapter_model.h"
#include "conformance/unit/drivers/support/open_gpib.h"

namespace visa::drivers::gpib {
namespace {

using Lines = std::vector<std::string>;
constexpr Address kDmm{5};
constexpr Address kScope{9, 2};
constexpr std::chrono::milliseconds kNoGrace{0};

class PrologixControllerTest : public testing::Test {
 protected:
  explicit PrologixControllerTest(std::string_view version = AdapterModel::kVersion) {
    auto made = std::make_unique<AdapterModel>();
    made->version = version;
    model_ = made.get();
    controller_ = std::make_unique<PrologixController>(std::make_unique<PrologixLink>(
        std::move(made), dialect_of(version), std::string(version), kNoGrace));
  }

  static Deadline soon() { return Deadline::after(std::chrono::seconds(2)); }
  Status write(const Address& to, std::string_view text, spi::WriteEnd end = spi::WriteEnd::end) {
    Call call(soon());
    return controller_->write(to, bytes(text), end, {}, call).status;
  }
  Reading read(const Address& from, std::size_t most, const spi::EndRule& rule = {},
               std::chrono::milliseconds timeout = std::chrono::milliseconds(2000)) {
    Call call(Deadline::after(timeout));
    call.timeout = timeout;
    std::string data(most, '?');
    const auto result =
        controller_->read(from, std::as_writable_bytes(std::span(data)), rule, {}, call);
    data.resize(result.count);
    return {result.status, result.reason, data};
  }
  Result<std::uint8_t> poll(const Address& device) {
    Call call(soon());
    return controller_->serial_poll(device, call);
  }
  /// An answer whose closing line does not come, and its rest only once the link asks for the
  /// token.
  void begin_to_lose(std::size_t most, std::string_view begun) {
    model_->version = "";
    model_->without_end = true;
    model_->answers["5"] = "01";
    EXPECT_EQ(read(kDmm, most, {}, std::chrono::milliseconds(1)).data, begun);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    model_->held = true;
    model_->late = "23\r\n";
    model_->held_sends = 1;
  }
  template <class Operation>
  Status run(Operation&& operation) {
    Call call(soon());
    const Status status = operation(*controller_, call);
    detail_ = call.detail;
    return status;
  }

  AdapterModel* model_ = nullptr;
  std::unique_ptr<PrologixController> controller_;
  std::string detail_;
};

class Ar488ControllerTest : public PrologixControllerTest {
 protected:
  Ar488ControllerTest() : PrologixControllerTest("AR488 GPIB controller, ver. 0.53\r\n") {}
};

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

TEST_F(PrologixControllerTest, PollsWithoutChangingTheAddress) {
  model_->polls["5"] = 0x51;
  model_->polls["9 98"] = 0;
  EXPECT_EQ(*poll(kDmm), 0x51);
  EXPECT_EQ(*poll(kScope), 0);
  EXPECT_EQ(model_->take_lines(),
            (Lines{"++read_tmo_ms 1000", "++spoll 5", "++ver", "++spoll 9 98", "++ver"}));
  EXPECT_EQ(poll({7}).status(), Status::error_tmo);
  model_->polls["7"] = 300;
  EXPECT_EQ(poll({7}).status(), Status::error_inp_prot_viol);
}

TEST_F(PrologixControllerTest, ClearsTriggersAndGoesToLocal) {
  using enum spi::RenMode;
  EXPECT_EQ(run([](auto& of, Call& call) { return of.clear(kDmm, call); }), Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.trigger(kScope, call); }), Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(&kScope, address_gtl, call); }),
            Status::success);
  EXPECT_EQ(
      run([](auto& of, Call& call) { return of.control_ren(&kScope, assert_address_llo, call); }),
      Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(&kScope, deassert, call); }),
            Status::error_inv_mode);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(nullptr, assert_ren, call); }),
            Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.send_ifc(call); }), Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"++addr 5", "++clr", "++ver", "++addr 9 98", "++trg",
                                         "++loc", "++llo", "++ifc"}));
}

TEST_F(PrologixControllerTest, HasNoCommandBytes) {
  const std::byte unlisten{kUnl};
  EXPECT_EQ(run([&](auto& of, Call& call) {
              return of.command({&unlisten, 1}, call).status;
            }),
            Status::error_nsup_oper);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.pass_control(kDmm, call); }),
            Status::error_nsup_oper);
}

TEST_F(PrologixControllerTest, TellsWhatItKnowsOfTheLines) {
  Call call(soon());
  model_->srq = true;
  const auto state = controller_->state(call);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->srq, State::asserted);
  EXPECT_EQ(state->ren, State::unknown);
  EXPECT_EQ(state->ndac, State::unknown);
  EXPECT_EQ(state->controller_in_charge, State::asserted);
  EXPECT_TRUE(*controller_->service_requested(call));
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

TEST_F(Ar488ControllerTest, HasAFewCommandBytes) {
  const std::byte known[] = {std::byte{kUnl}, std::byte{kDcl}, std::byte{kUnt}, std::byte{kLlo}};
  EXPECT_EQ(run([&](auto& of, Call& call) { return of.command(known, call).status; }),
            Status::success);
  const std::byte mixed[] = {std::byte{kUnl}, std::byte{kLad}};
  EXPECT_EQ(run([&](auto& of, Call& call) { return of.command(mixed, call).status; }),
            Status::error_nsup_oper);
  EXPECT_EQ(run([](auto& of, Call& call) {
              return of.pass_control({5, 1}, call);
            }),
            Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"++unl", "++dcl", "++unt", "++llo all", "++tct 5 97"}));
}

TEST_F(Ar488ControllerTest, ControlsRen) {
  using enum spi::RenMode;
  for (const auto mode : {deassert, assert_ren, assert_llo, deassert_gtl}) {
    EXPECT_EQ(run([&](auto& of, Call& call) { return of.control_ren(&kDmm, mode, call); }),
              Status::success);
  }
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(&kDmm, assert_address, call); }),
            Status::error_inv_mode);
  EXPECT_EQ(model_->take_lines(),
            (Lines{"++ren 0", "++ren 1", "++ren 1", "++llo all", "++addr 5", "++loc", "++ren 0"}));
}

}  // namespace
}  // namespace visa::drivers::gpib
