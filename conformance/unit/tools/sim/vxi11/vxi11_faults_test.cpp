// SPDX-License-Identifier: MIT
// What goes wrong on purpose with VXI-11's calls and replies.
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <vector>

#include "conformance/unit/tools/sim/vxi11/vxi11_fixture.h"
#include "tools/sim/vxi11/vxi11_wire.h"

namespace visa::sim {
namespace {

using P = Vxi11Procedure;

TEST_F(Vxi11FaultTest, ErrorsAreAnsweredInsteadOfTheCallAndOnlyOfTheProcedureNamed) {
  fault(R"("kind":"rpc-error","procedure":"device_write","error":17,"count":2)");
  EXPECT_EQ(client.write(link, "*ESE 9"), std::pair(17U, 0U));
  EXPECT_EQ(client.simple(P::device_clear, link), 0U);
  EXPECT_EQ(client.write(link, "*ESE 9"), std::pair(17U, 0U));
  EXPECT_EQ(client.query(link, "*ESE?"), "0\n");
  fault(R"("kind":"rpc-error","procedure":"create_link","error":9,"count":1)");
  EXPECT_EQ(client.create_link("inst1").error, 9U);
  fault(R"("kind":"rpc-error","procedure":"device_read","error":4,"count":1)");
  EXPECT_EQ(client.read(link).error, 4U);
  fault(R"("kind":"rpc-error","procedure":"create_intr_chan","error":29,"count":1)");
  EXPECT_EQ(client
                .call(P::create_intr_chan, Arguments()
                                               .number(0x7F000001)
                                               .number(1)
                                               .number(kInterruptProgram)
                                               .number(1)
                                               .number(0))
                .number(),
            29U);
  expect_in_step();
}

TEST_F(Vxi11FaultTest, RefusalsAreThoseOfRfc5531) {
  for (const std::uint32_t how : {1U, 2U, 3U, 4U, 5U}) {
    fault(R"("kind":"rpc-refuse","count":1,"error":)" + std::to_string(how));
    client.start(P::device_clear, Vxi11Client::generic(link));
    const auto reply = client.finish();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->accepted, how);
  }
  for (const std::uint32_t how : {6U, 7U}) {
    fault(R"("kind":"rpc-refuse","count":1,"error":)" + std::to_string(how));
    client.start(P::device_clear, Vxi11Client::generic(link));
    EXPECT_TRUE(client.finish()->denied);
  }
  expect_in_step();
}

TEST_F(Vxi11FaultTest, SilenceExecutesNothingAndTheNextCallIsServed) {
  fault(R"("kind":"rpc-silence","count":1)");
  client.start(P::device_write, Vxi11Client::write_arguments(link, "*ESE 9"));
  EXPECT_EQ(client.query(link, "*ESE?"), "0\n");
}

TEST_F(Vxi11FaultTest, WrongNumberAndStaleReply) {
  fault(R"("kind":"rpc-xid","procedure":"device_read","count":1)");
  EXPECT_NE(reply_to_read()->xid, expected_);
  fault(R"("kind":"rpc-stale","procedure":"device_read","count":1)");
  auto stale = reply_to_read();
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->xid, expected_ - 1);
  EXPECT_EQ(Vxi11Client::answer(stale->results).data, "the answer before\n");
  auto right = client.finish();
  ASSERT_TRUE(right);
  EXPECT_EQ(right->xid, expected_);
  EXPECT_EQ(Vxi11Client::answer(right->results).data, "1\n");
  expect_in_step();
}

TEST_F(Vxi11FaultTest, FragmentsAndSegments) {
  fault(R"("kind":"rpc-fragments","procedure":"device_read","pieces":5,"ms":3,"count":1)");
  client.fragments = 0;
  const auto begin = Clock::now();
  EXPECT_EQ(Vxi11Client::answer(reply_to_read()->results).data, "1\n");
  EXPECT_EQ(client.fragments, 1U + 5U);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(12));
  fault(R"("kind":"rpc-fragments","procedure":"device_read","bytes":1,"count":1)");
  client.fragments = 0;
  EXPECT_EQ(Vxi11Client::answer(reply_to_read()->results).data, "1\n");
  EXPECT_EQ(client.fragments, 1U + 24 + 12 + 4);
  fault(R"("kind":"rpc-split","procedure":"device_read","pieces":20,"ms":1,"count":1)");
  client.fragments = 0;
  EXPECT_EQ(Vxi11Client::answer(reply_to_read()->results).data, "1\n");
  EXPECT_EQ(client.fragments, 2U);
  fault(R"("kind":"rpc-padding","procedure":"device_read","bytes":0,"count":1)");
  EXPECT_EQ(Vxi11Client::answer(reply_to_read()->results).data, "1\n");
  fault(R"("kind":"rpc-padding","procedure":"device_read","bytes":9,"count":1)");
  EXPECT_EQ(Vxi11Client::answer(reply_to_read()->results).data, "1\n");
  expect_in_step();
}

TEST_F(Vxi11FaultTest, LengthsThatAreLies) {
  const auto mark_of_read = [&] {
    client.write(link, "*OPC?");
    client.start(P::device_read, Vxi11Client::read_arguments(link, 100, 5000));
    return Results(client.receive(4)).number();
  };
  fault(R"("kind":"rpc-unfinished","procedure":"device_read","count":1)");
  EXPECT_EQ(mark_of_read(), 40U) << "whole, but the bit of the last fragment is missing";
  client.receive(40);
  fault(R"("kind":"rpc-long-fragment","procedure":"device_read","count":1)");
  EXPECT_EQ(mark_of_read(), 0xFFFFFFFFU);
  client.receive(40);
  fault(R"("kind":"rpc-long-fragment","length":1000,"procedure":"device_read","count":1)");
  EXPECT_EQ(mark_of_read(), 0x80000000U + 1000U);
  client.receive(40);
  fault(R"("kind":"rpc-long-opaque","procedure":"device_read","count":1)");
  EXPECT_EQ(mark_of_read(), 0x80000000U + 40U);
  EXPECT_EQ(Results(client.receive(40).substr(32)).number(), 0xFFFFFFFFU);
  expect_in_step();
}

TEST_F(Vxi11FaultTest, StallGoesOnWhenTheFaultIsOffAndLateWithItsTime) {
  fault(R"("kind":"rpc-stall","bytes":10,"procedure":"device_read")");
  client.write(link, "*OPC?");
  client.start(P::device_read, Vxi11Client::read_arguments(link, 100, 5000));
  const std::string first = client.receive(10);
  EXPECT_EQ(first.size(), 10U);
  pollfd more{client.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&more, 1, 30), 0);
  control(R"({"op":"fault_off"})");
  EXPECT_EQ(client.receive(34).size(), 34U);
  expect_in_step();
  fault(R"("kind":"rpc-late","ms":40,"procedure":"device_read","count":1)");
  const auto begin = Clock::now();
  EXPECT_EQ(Vxi11Client::answer(reply_to_read()->results).data, "1\n");
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(40));
}

TEST_F(Vxi11FaultTest, AnswerWithoutEndFillsEveryReadUntilAClear) {
  fault(R"("kind":"endless","count":1)");
  client.write(link, "*OPC?");
  for (const std::uint32_t size : {1U, 10U, 1000U, 300000U}) {
    const auto answer = client.read(link, size);
    EXPECT_EQ(answer.error, 0U);
    EXPECT_EQ(answer.data.size(), size);
    EXPECT_EQ(answer.reason, 1U) << size << ": the count, not END";
  }
  const auto much = client.read(link, 0x7FFFFFFC);
  EXPECT_EQ(much.data.size(), std::size_t{1} << 20);
  EXPECT_EQ(much.reason, 0U) << "the reply is full";
  EXPECT_EQ(client.simple(P::device_clear, link), 0U);
  expect_in_step();
}

TEST_F(Vxi11FaultTest, ConnectionEndsInTheMiddleOfAReply) {
  for (const char* const kind :
       {R"("kind":"rpc-close","bytes":6,"count":1,"procedure":"device_read")",
        R"("kind":"drop","bytes":1,"count":1)"}) {
    fault(kind);
    Vxi11Client other(vxi11_of(bench).core_port());
    const auto its = other.create_link("inst1").link;
    other.write(its, "*IDN?");
    other.start(P::device_read, Vxi11Client::read_arguments(its, 100, 5000));
    const std::string part = other.receive(1000);
    EXPECT_EQ(part.size(), kind[8] == 'r' ? 6U : 41U) << kind;
  }
  control(R"({"op":"drop","instrument":"dmm"})");
  EXPECT_EQ(client.receive(1), "");
  Vxi11Client again(vxi11_of(bench).core_port());
  EXPECT_EQ(again.query(again.create_link("inst1").link, "*OPC?"), "1\n");
}

TEST_F(Vxi11FaultTest, StallOfAnAnswerLooksLikeAnInstrumentThatIsBusy) {
  fault(R"("kind":"stall","count":1)");
  client.write(link, "*IDN?");
  EXPECT_EQ(client.read(link, 100, 20).error, 15U);
  EXPECT_EQ(client.read(link, 100, 0).error, 15U);
  control(R"({"op":"fault_off"})");
  EXPECT_NE(client.read(link).data, "");
  expect_in_step();
}

TEST_F(Vxi11FaultTest, AnnouncementsAndShortWrites) {
  fault(R"("kind":"max-receive","count":1)");
  EXPECT_EQ(client.create_link("inst1").max_receive, 0U);
  fault(R"("kind":"max-receive","length":4294967295,"count":1)");
  EXPECT_EQ(client.create_link("inst1").max_receive, 0xFFFFFFFFU);
  fault(R"("kind":"short-write","bytes":3,"count":1)");
  EXPECT_EQ(client.write(link, "*OPC?"), std::pair(0U, 3U));
  EXPECT_EQ(client.write(link, "C?"), std::pair(0U, 2U));
  EXPECT_EQ(client.read(link).data, "1\n");
}

TEST_F(Vxi11FaultTest, ReadsThatKeepToNoRule) {
  fault(R"("kind":"long-answer","count":1)");
  client.write(link, "*OPC?");
  EXPECT_EQ(client.read(link, 1).data, "1\n");
  expect_in_step();
  fault(R"("kind":"no-end","count":1)");
  client.write(link, "*OPC?");
  const auto answer = client.read(link, 100);
  EXPECT_EQ(answer.data, "1\n");
  EXPECT_EQ(answer.reason & 4U, 0U);
  expect_in_step();
}

TEST_F(Vxi11FaultTest, ControlRefusesWhatMakesNoSense) {
  for (const char* const rest :
       {R"("kind":"rpc-error")", R"("kind":"rpc-late","procedure":"device_dance")",
        R"("kind":"rpc-xid","length":-1)"}) {
    EXPECT_NE(control(R"({"op":"fault_on","instrument":"dmm",)" + std::string(rest) + "}")
                  .find("\"ok\":false"),
              std::string::npos);
  }
  EXPECT_THROW(read_description("[instrument]\nname=\"a\"\nidentity=\"b\"\n[[fault]]\n"
                                "kind=\"rpc-error\"\nprocedure=\"dance\"\n",
                                "x"),
               DescriptionError);
  const auto good = read_description(
      "[instrument]\nname=\"a\"\nidentity=\"b\"\n[vxi11]\ndevice=\"inst7\"\ngpib=\"3,4\"\n"
      "max_receive=64\n[[fault]]\nkind=\"rpc-error\"\nprocedure=\"device_read\"\nerror=17\n",
      "x");
  const auto& section = dynamic_cast<const Vxi11Description&>(*good->section(vxi11_wire_kind()));
  EXPECT_EQ(section.device, "inst7");
  EXPECT_EQ(section.gpib, (GpibAddress{3, 4}));
  EXPECT_EQ(good->faults.at(0).operation, &vxi11_procedure(P::device_read));
  EXPECT_EQ(good->faults.at(0).error, 17U);
}

}  // namespace
}  // namespace visa::sim
