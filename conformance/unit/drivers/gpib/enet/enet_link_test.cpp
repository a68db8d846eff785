// SPDX-License-Identifier: MIT
// The link to one device on the box's bus: its timeout, the rest of an answer, and when the link
// is stale.
#include "drivers/gpib/enet/enet_link.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/fake_enet.h"
#include "conformance/unit/support/patience.h"

namespace visa::drivers::gpib::enet {
namespace {

using test::EnetInstrument;
using test::FakeEnet;
using test::kPatience;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class EnetLinkTest : public testing::Test {
 protected:
  EnetLinkTest() {
    box.with([](FakeEnet& model) {
      model.instruments[5].answer = [](const std::string&) { return "0123456789"; };
    });
    Call call(Deadline::after(kPatience));
    auto made = EnetLink::open({"127.0.0.1", box.port()}, {5}, call);
    EXPECT_TRUE(made.has_value()) << call.detail;
    link = *std::move(made);
    asked();
  }
  ~EnetLinkTest() override {
    Call closing(Deadline::after(kPatience));
    link->close(closing);
  }
  Status write(std::string_view text, std::chrono::milliseconds time = 2500ms) {
    Call call(Deadline::after(time));
    return link->write(std::as_bytes(std::span(text.data(), text.size())), call).status;
  }
  std::string read(std::size_t size, std::chrono::milliseconds time = 2500ms) {
    std::vector<std::byte> room(size);
    Call call(Deadline::after(time));
    const auto got = link->read(room, {}, call);
    status = got.status;
    detail = call.detail;
    return {reinterpret_cast<const char*>(room.data()), got.count};
  }
  Lines asked() {
    auto all = box.diary();
    Lines fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
  }

  FakeEnet box;
  std::unique_ptr<EnetLink> link;
  Status status = Status::success;
  std::string detail;

 private:
  std::size_t seen_ = 0;
};

// The box starts with 3 s; a request with about as much time does not change that.
TEST_F(EnetLinkTest, TheTimeoutIsSentWhereItsCodeChanges) {
  EXPECT_EQ(write("a"), Status::success);
  EXPECT_EQ(asked(), Lines{"62"});
  EXPECT_EQ(write("b", 9000ms), Status::success);
  EXPECT_EQ(write("c", 9000ms), Status::success);
  EXPECT_EQ(asked(), (Lines{"50 03", "62", "62"}));
}

TEST_F(EnetLinkTest, NothingToWriteAsksNothing) {
  EXPECT_EQ(write(""), Status::success);
  EXPECT_EQ(asked(), Lines{});
}

TEST_F(EnetLinkTest, WhatAReadLeavesIsKeptOverAPollAndVoidAfterAWrite) {
  Call call(Deadline::after(kPatience));
  EXPECT_EQ(write("a"), Status::success);
  EXPECT_EQ(read(4), "0123");
  EXPECT_TRUE(link->serial_poll(call).has_value());
  EXPECT_EQ(read(3), "456");
  EXPECT_EQ(read(10), "789");
  EXPECT_EQ(write("b"), Status::success);
  EXPECT_EQ(read(4), "0123");
  EXPECT_EQ(link->clear(call), Status::success);
  EXPECT_EQ(read(4, 5ms), "");
  EXPECT_EQ(status, Status::error_tmo);
  EXPECT_FALSE(link->stale());
}

// The box ends a read in time by itself: that is no reason to connect anew.
TEST_F(EnetLinkTest, ATimeoutOfTheDeviceLeavesTheLink) {
  EXPECT_EQ(read(4, 20ms), "");
  EXPECT_EQ(status, Status::error_tmo);
  EXPECT_FALSE(link->stale());
  EXPECT_EQ(write("a"), Status::success);
  EXPECT_EQ(read(10), "0123456789");
}

TEST_F(EnetLinkTest, ABoxThatHangsMakesItStale) {
  box.with([](FakeEnet& model) { model.hangs = true; });
  EXPECT_EQ(write("a", 20ms), Status::error_tmo);
  EXPECT_TRUE(link->stale());
}

TEST_F(EnetLinkTest, AConnectionThatEndsMakesItStale) {
  box.with([](FakeEnet& model) { model.drops_after = 5; });
  EXPECT_EQ(write("a"), Status::error_conn_lost);
  EXPECT_TRUE(link->stale());
}

// Their failure concerns these connections alone.
TEST_F(EnetLinkTest, TheSideConnectionsAreMadeWhenTheyAreNeededAndAnew) {
  Call call(Deadline::after(kPatience));
  EXPECT_EQ(*link->bus_state(0x1800, call) & 0x1800, 0);
  box.with([](FakeEnet& model) { model.instruments[5].status = 0x50; });
  EXPECT_NE(*link->bus_state(0x1800, call) & 0x1800, 0);
  EXPECT_EQ(asked(), (Lines{"55 01", "50 10", "54", "54"}));
  box.with([](FakeEnet& model) { model.drops_after = 0; });
  EXPECT_EQ(link->bus_state(0x1800, call).status(), Status::error_conn_lost);
  EXPECT_FALSE(link->stale());
  EXPECT_TRUE(link->bus_state(0x1800, call).has_value());
  EXPECT_EQ(link->clear_interface(call), Status::success);
  box.with([](FakeEnet& model) { EXPECT_EQ(model.interface_clears, 1U); });
}

TEST_F(EnetLinkTest, AnyDeviceIsThereThatAnswersAPoll) {
  Call call(Deadline::after(kPatience));
  EXPECT_TRUE(*link->answers_at({5}, call));
  EXPECT_FALSE(*link->answers_at({6}, call));
  EXPECT_FALSE(*link->answers_at({5, std::uint8_t{3}}, call));
  EXPECT_EQ(asked(), (Lines{"07 02", "19", "07 02", "19", "07 02", "19"}));
  box.with([](FakeEnet& model) { model.failure = {0x19, 0, 1}; });
  EXPECT_EQ(link->answers_at({5}, call).status(), Status::error_ncic);
  EXPECT_FALSE(link->stale());
  box.with([](FakeEnet& model) { model.drops_after = 3; });
  EXPECT_EQ(link->answers_at({5}, call).status(), Status::error_conn_lost);
  EXPECT_TRUE(link->stale());
}

TEST(EnetLink, ABoxWithOneOfItsPortsAloneIsNotOpened) {
  const test::FakeEnet box;
  Call call(Deadline::after(kPatience));
  // Its companion would be 15 ports further.
  const EnetTarget wrong{"127.0.0.1", static_cast<std::uint16_t>(box.port() + 3)};
  EXPECT_EQ(EnetLink::open(wrong, {5}, call).status(), Status::error_rsrc_nfound);
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
