// SPDX-License-Identifier: MIT
#include "lib/core/attribute_store.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

using model::Kind;

const model::Attribute& row(ViAttr id, Kind kind) {
  const auto* found = model::find_attribute(id, kind);
  EXPECT_NE(found, nullptr);
  return *found;
}

TEST(AttributeStore, AnswersTheDefaultsOfItsKind) {
  for (unsigned k = 0; k < model::kKindCount; ++k) {
    const auto kind = static_cast<Kind>(k);
    const AttributeStore store(kind);
    for (const auto& one : model::attribute_table()) {
      if (one.home != model::Home::stored || !one.kinds.contains(kind)) continue;
      EXPECT_EQ(store.get(one), one.default_value) << one.name << " of " << model::name(kind);
    }
  }
}

TEST(AttributeStore, ShortcutsStartWithTheDefaultsOfTheKind) {
  const AttributeStore socket(Kind::tcpip_socket);
  EXPECT_TRUE(socket.suppress_end());
  EXPECT_FALSE(socket.termchar_enabled());
  EXPECT_TRUE(socket.send_end());
  EXPECT_FALSE(socket.append_files());
  EXPECT_EQ(socket.termchar(), '\n');
  EXPECT_EQ(socket.timeout(), 2000u);
  EXPECT_EQ(socket.io_protocol(), VI_PROT_NORMAL);
  const AttributeStore gpib(Kind::gpib_instr);
  EXPECT_FALSE(gpib.suppress_end());
  const AttributeStore serial(Kind::asrl_instr);
  EXPECT_EQ(serial.end_in(), VI_ASRL_END_TERMCHAR);
  EXPECT_EQ(serial.end_out(), VI_ASRL_END_NONE);
}

TEST(AttributeStore, ShortcutsFollowWhatIsSet) {
  AttributeStore store(Kind::asrl_instr);
  const auto put = [&](ViAttr id, std::uint64_t value) {
    store.set(row(id, Kind::asrl_instr), value);
    EXPECT_EQ(store.get(row(id, Kind::asrl_instr)), value);
  };
  put(VI_ATTR_TERMCHAR, 0x7C);
  EXPECT_EQ(store.termchar(), 0x7C);
  put(VI_ATTR_TERMCHAR_EN, 1);
  put(VI_ATTR_SUPPRESS_END_EN, 1);
  put(VI_ATTR_FILE_APPEND_EN, 1);
  put(VI_ATTR_SEND_END_EN, 0);
  EXPECT_TRUE(store.termchar_enabled());
  EXPECT_TRUE(store.suppress_end());
  EXPECT_TRUE(store.append_files());
  EXPECT_FALSE(store.send_end());
  put(VI_ATTR_TERMCHAR_EN, 0);  // one flag, not its neighbours
  EXPECT_FALSE(store.termchar_enabled());
  EXPECT_TRUE(store.suppress_end());
  put(VI_ATTR_ASRL_END_IN, VI_ASRL_END_LAST_BIT);
  put(VI_ATTR_ASRL_END_OUT, VI_ASRL_END_BREAK);
  put(VI_ATTR_IO_PROT, VI_PROT_4882_STRS);
  EXPECT_EQ(store.end_in(), VI_ASRL_END_LAST_BIT);
  EXPECT_EQ(store.end_out(), VI_ASRL_END_BREAK);
  EXPECT_EQ(store.io_protocol(), VI_PROT_4882_STRS);
}

TEST(AttributeStore, TheDeadlineIsTheTimeoutFromNow) {
  AttributeStore store(Kind::tcpip_socket);
  const auto& timeout = row(VI_ATTR_TMO_VALUE, Kind::tcpip_socket);
  const auto before = Deadline::after(std::chrono::seconds(2));
  EXPECT_GE(store.deadline().time_point(), before.time_point());
  EXPECT_LE(store.deadline().remaining(), std::chrono::seconds(2));
  store.set(timeout, VI_TMO_IMMEDIATE);
  EXPECT_TRUE(store.deadline().is_immediate());
  store.set(timeout, VI_TMO_INFINITE);
  EXPECT_TRUE(store.deadline().is_infinite());
}

TEST(AttributeStore, TwinsAreOneValue) {
  AttributeStore store(Kind::tcpip_socket);
  const auto& narrow = row(VI_ATTR_USER_DATA_32, Kind::tcpip_socket);
  const auto& wide = row(VI_ATTR_USER_DATA_64, Kind::tcpip_socket);
  store.set(wide, 0x1122334455667788u);
  EXPECT_EQ(store.get(wide), 0x1122334455667788u);
  EXPECT_EQ(store.get(narrow) & 0xFFFFFFFFu, 0x55667788u);
  store.set(narrow, 0x99u);
  EXPECT_EQ(store.get(wide), 0x99u);
}

TEST(AttributeStore, ThreadsMaySetAndGet) {
  AttributeStore store(Kind::tcpip_socket);
  const auto& data = row(VI_ATTR_USER_DATA_64, Kind::tcpip_socket);
  const auto& timeout = row(VI_ATTR_TMO_VALUE, Kind::tcpip_socket);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        store.set(t % 2 == 0 ? data : timeout, static_cast<std::uint64_t>(i));
        EXPECT_LT(store.get(data), 1000u);
        EXPECT_LE(store.timeout(), 2000u);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace visa::core
