// SPDX-License-Identifier: MIT
// What clients of the VXI-11 server may send that is no sensible call, too much of one or one in
// pieces.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "conformance/unit/tools/sim/vxi11/vxi11_fixture.h"
#include "tools/sim/vxi11/vxi11_core.h"

namespace visa::sim {
namespace {

TEST_F(Vxi11Test, WhatIsNoVxi11CallIsRefusedAsRfc5531Says) {
  const auto accepted = [&](std::uint32_t program, std::uint32_t version, std::uint32_t procedure,
                            std::string_view arguments = {}) {
    client.send(record(call_message(1, program, version, procedure, arguments)));
    const auto reply = client.finish();
    return reply ? reply->accepted : 99U;
  };
  EXPECT_EQ(accepted(kCoreProgram, 1, 0), 0U);
  EXPECT_EQ(accepted(kCoreProgram, 1, 21), 3U);
  EXPECT_EQ(accepted(kCoreProgram, 2, 10), 2U);
  EXPECT_EQ(accepted(kAbortProgram, 1, 1), 1U);
  EXPECT_EQ(accepted(kCoreProgram, 1, 12, "abc"), 4U);
  std::string old = call_message(1, kCoreProgram, 1, 0, {});
  old[11] = 3;  // RPC version
  client.send(record(old));
  EXPECT_TRUE(client.finish()->denied);
  // A reply instead of a call, and a piece of one, are passed over.
  std::string reply = call_message(1, kCoreProgram, 1, 0, {});
  reply[7] = 1;
  client.send(record(reply) + record("abcd"));
  EXPECT_EQ(client.create_link("inst0").error, 0U);
}

TEST_F(Vxi11Test, RecordMayComeInFragmentsAndInPieces) {
  const std::string message = call_message(
      5, kCoreProgram, 1, 10, Arguments().number(1).number(0).number(0).opaque("inst1").bytes());
  std::string sent;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool last = i + 1 == message.size();
    sent += Arguments().number(last ? 0x80000001U : 1U).bytes() + message.substr(i, 1);
    sent += last ? "" : Arguments().number(0).bytes();
  }
  for (std::size_t i = 0; i < sent.size(); i += 7) {
    client.send(sent.substr(i, 7));
  }
  auto reply = client.finish();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->xid, 5U);
  EXPECT_EQ(reply->results.number(), 0U);
}

TEST_F(Vxi11Test, AnnouncedLengthsCostNothingAndTooLongOnesEndTheConnection) {
  Vxi11Client liar(core);
  liar.send(Arguments().number(0xFFFFFFFFU).bytes());
  EXPECT_EQ(liar.receive(1), "");
  std::vector<std::unique_ptr<Client>> many;
  for (int i = 0; i < 50; ++i) {
    many.push_back(std::make_unique<Client>(core));
    many.back()->send(Arguments().number(0x80800000U).bytes() + "abcd");
  }
  EXPECT_EQ(client.create_link("inst1").error, 0U);
}

TEST_F(Vxi11Test, LinksOfAConnectionAreLimited) {
  std::uint32_t error = 0;
  std::size_t count = 0;
  while (error == 0 && count <= Vxi11Core::kMostLinks) {
    error = client.create_link("inst1").error;
    count += error == 0 ? 1 : 0;
  }
  EXPECT_EQ(error, 9U);
  EXPECT_EQ(count, Vxi11Core::kMostLinks);
  EXPECT_EQ(client.destroy_link(0), 0U);
  EXPECT_EQ(client.create_link("inst1").error, 0U);
}

TEST_F(Vxi11Test, CallsMayBeSentWithoutWaitingForReplies) {
  const auto link = linked("inst1");
  std::string calls;
  for (std::uint32_t i = 0; i < 500; ++i) {
    calls += record(call_message(2 * i, kCoreProgram, 1, 11,
                                 Vxi11Client::write_arguments(link, "*IDN?").bytes()));
    calls += record(call_message(2 * i + 1, kCoreProgram, 1, 12,
                                 Vxi11Client::read_arguments(link, 1000, 1000).bytes()));
  }
  ASSERT_TRUE(client.send(calls));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto reply = client.finish();
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->xid, i);
  }
}

}  // namespace
}  // namespace visa::sim
