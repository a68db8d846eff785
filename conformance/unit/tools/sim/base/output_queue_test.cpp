// SPDX-License-Identifier: MIT
#include "tools/sim/base/output_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "tools/sim/scpi/block.h"

namespace visa::sim {
namespace {

TEST(OutputQueue, GathersTextAndSharedBlocksInOrder) {
  OutputQueue queue;
  const auto block = std::make_shared<const std::string>("DATA");
  queue.append("#1");
  queue.append("4");
  queue.append(block);
  queue.append("\n");
  std::array<iovec, 8> vectors{};
  ASSERT_EQ(queue.gather(vectors), 3U);
  EXPECT_EQ(vectors[1].iov_base, block->data()) << "the block is not copied";
  EXPECT_EQ(queue.size(), 8U);
  EXPECT_EQ(queue.take(100).bytes, "#14DATA\n");
  EXPECT_TRUE(queue.empty());
}

TEST(OutputQueue, ConsumeGoesOnInTheMiddleOfAPiece) {
  OutputQueue queue;
  queue.append("abc");
  queue.append(std::make_shared<const std::string>("defg"));
  queue.consume(5);
  queue.append("hi");
  EXPECT_EQ(queue.take(3).bytes, "fgh");
  EXPECT_EQ(queue.take(3).bytes, "i");
  queue.append("next");
  EXPECT_EQ(queue.take(10).bytes, "next");
}

TEST(OutputQueue, TakeStopsAtTheEndOfAMessageAndSaysSo) {
  OutputQueue queue;
  queue.append("one\n");
  queue.end_message();
  queue.append("two\n");
  queue.end_message();
  auto part = queue.take(3);
  EXPECT_EQ(part.bytes, "one");
  EXPECT_FALSE(part.end);
  part = queue.take(3);
  EXPECT_EQ(part.bytes, "\n");
  EXPECT_TRUE(part.end);
  part = queue.take(100);
  EXPECT_EQ(part.bytes, "two\n");
  EXPECT_TRUE(part.end);
}

TEST(OutputQueue, ConsumedBlockIsReleased) {
  OutputQueue queue;
  auto block = std::make_shared<const std::string>("x");
  queue.append(SharedBytes(block));
  queue.append("y");
  EXPECT_EQ(block.use_count(), 2);
  queue.consume(1);
  EXPECT_EQ(block.use_count(), 1);
}

TEST(BlockPool, BlocksStillHeldBySomeoneCount) {
  BlockPool pool(100);
  const auto fill = [](std::string& bytes) { bytes.assign(bytes.size(), 'x'); };
  SharedBytes first = pool.make(60, fill);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(*first, std::string(60, 'x'));
  EXPECT_EQ(pool.make(60, fill), nullptr);
  const SharedBytes held = first;
  first.reset();
  EXPECT_EQ(pool.make(60, fill), nullptr) << "somebody still reads it";
  EXPECT_EQ(pool.used(), 60U);
  EXPECT_NE(pool.make(40, fill), nullptr);
  EXPECT_EQ(pool.make(101, fill), nullptr);
}

TEST(BlockHeader, NamesItsLength) {
  EXPECT_EQ(block_header(0), "#10");
  EXPECT_EQ(block_header(12), "#212");
  EXPECT_EQ(block_header(64000000), "#864000000");
  EXPECT_EQ(block_header(123, 9), "#9000000123");
  EXPECT_EQ(block_header(0, 4), "#40000");
  EXPECT_EQ(block_header(12345, 4), "#512345") << "no fewer than it needs";
}

}  // namespace
}  // namespace visa::sim
