// SPDX-License-Identifier: MIT
// viMapAddress, viPeek, viPoke, viMemAlloc and their kin with a wire that has a window and shared
// memory. Sessions without one are in bad_handles_test.cpp.
#include <gtest/gtest.h>
#include <visa.h>

#include <cstring>

#include "conformance/unit/support/visa_session.h"
#include "lib/spi/register_facets.h"

namespace visa::abi {
namespace {

constexpr const char* kVxi = "VXI0::1::INSTR";
constexpr std::uint64_t kFar = 0x123456789A;

/// A window of 16 bytes in this process.
class Window final : public spi::WindowFacet {
 public:
  Result<void*> map(spi::BusPlace where, std::uint64_t bytes, void* suggested, Call&) override {
    place = where;
    size = bytes;
    hint = suggested;
    if (failed(status)) return status;
    is_mapped = true;
    return static_cast<void*>(memory);
  }
  Status unmap(Call&) override {
    if (!is_mapped) return Status::error_window_nmapped;
    is_mapped = false;
    return Status::success;
  }
  bool mapped() const noexcept override { return is_mapped; }
  std::uint64_t peek(const void* address, spi::Width width) noexcept override {
    std::uint64_t value = 0;
    std::memcpy(&value, address, static_cast<std::size_t>(width));
    return value;
  }
  void poke(void* address, spi::Width width, std::uint64_t value) noexcept override {
    std::memcpy(address, &value, static_cast<std::size_t>(width));
  }

  Status status = Status::success;
  spi::BusPlace place{};
  std::uint64_t size = 0;
  void* hint = nullptr;
  bool is_mapped = false;
  unsigned char memory[16] = {1, 2, 3, 4, 5, 6, 7, 8};
};

class SharedMemory final : public spi::SharedMemoryFacet {
 public:
  Result<std::uint64_t> allocate(std::uint64_t size, Call&) override {
    asked = size;
    if (failed(status)) return status;
    return offset;
  }
  Status free(std::uint64_t where, Call&) override {
    freed = where;
    return status;
  }

  Status status = Status::success;
  std::uint64_t asked = 0;
  std::uint64_t offset = 0x20;
  std::uint64_t freed = 0;
};

class MemoryWindows : public test::VisaSession {
 protected:
  MemoryWindows() {
    std::shared_ptr<test::FakeWire> wire;
    session_ = open(kVxi, wire);
    wire->offers({.window = &window_, .memory = &memory_});
  }
  ViStatus map(ViPAddr address, ViBoolean access = VI_FALSE) {
    return viMapAddress(session_, VI_A24_SPACE, 0x40, 16, access, &hint_, address);
  }

  Window window_;
  SharedMemory memory_;
  char hint_ = 0;
  ViSession session_ = VI_NULL;
};

TEST_F(MemoryWindows, MapGivesTheAddressAndUnmapEndsIt) {
  ViAddr address = nullptr;
  EXPECT_EQ(map(&address), VI_SUCCESS);
  EXPECT_EQ(address, window_.memory);
  EXPECT_EQ(window_.place.space, VI_A24_SPACE);
  EXPECT_EQ(window_.place.offset, 0x40u);
  EXPECT_EQ(window_.size, 16u);
  EXPECT_EQ(window_.hint, &hint_);
  EXPECT_EQ(viUnmapAddress(session_), VI_SUCCESS);
  EXPECT_EQ(viUnmapAddress(session_), VI_ERROR_WINDOW_NMAPPED);
  EXPECT_EQ(viMapAddressEx(session_, VI_A64_SPACE, kFar, 8, VI_FALSE, nullptr, &address),
            VI_SUCCESS);
  EXPECT_EQ(window_.place.offset, kFar);
}

TEST_F(MemoryWindows, WhatCannotBeMappedIsRefusedAndNoAddressWritten) {
  EXPECT_EQ(map(nullptr), VI_ERROR_USER_BUF);
  ViAddr address = &hint_;
  EXPECT_EQ(map(&address, VI_TRUE), VI_ERROR_INV_ACC_MODE);
  EXPECT_FALSE(window_.is_mapped);
  for (const auto& [status, code] : {std::pair{Status::error_inv_size, VI_ERROR_INV_SIZE},
                                     {Status::error_window_mapped, VI_ERROR_WINDOW_MAPPED},
                                     {Status::error_inv_space, VI_ERROR_INV_SPACE}}) {
    window_.status = status;
    EXPECT_EQ(map(&address), code);
    EXPECT_EQ(address, &hint_);
  }
}

TEST_F(MemoryWindows, PeekAndPokeHaveTheirWidthAndNoMore) {
  ViAddr address = nullptr;
  ASSERT_EQ(map(&address), VI_SUCCESS);
  ViUInt8 one[2] = {0, 0xEE};
  viPeek8(session_, address, one);
  EXPECT_EQ(one[0], 1);
  EXPECT_EQ(one[1], 0xEE);
  ViUInt16 two[2] = {0, 0xEEEE};
  viPeek16(session_, address, two);
  EXPECT_EQ(two[0], static_cast<ViUInt16>(window_.peek(window_.memory, spi::Width::two)));
  EXPECT_EQ(two[1], 0xEEEE);
  ViUInt32 four[2] = {0, 0xEEEEEEEE};
  viPeek32(session_, address, four);
  EXPECT_EQ(four[0], static_cast<ViUInt32>(window_.peek(window_.memory, spi::Width::four)));
  EXPECT_EQ(four[1], 0xEEEEEEEE);
  ViUInt64 eight = 0;
  viPeek64(session_, address, &eight);
  EXPECT_EQ(eight, window_.peek(window_.memory, spi::Width::eight));
  viPeek8(session_, address, nullptr);  // nothing to write to, nothing written
  auto* bytes = static_cast<unsigned char*>(address);
  viPoke8(session_, bytes + 8, 0xA1);
  EXPECT_EQ(window_.memory[8], 0xA1);
  EXPECT_EQ(window_.memory[9], 0);
  viPoke16(session_, bytes + 8, 0xFFFF);
  EXPECT_EQ(window_.memory[9], 0xFF);
  EXPECT_EQ(window_.memory[10], 0);
  viPoke32(session_, bytes + 8, 0xFFFFFFFF);
  EXPECT_EQ(window_.memory[11], 0xFF);
  EXPECT_EQ(window_.memory[12], 0);
  viPoke64(session_, bytes + 8, ~ViUInt64{0});
  EXPECT_EQ(window_.memory[15], 0xFF);
  EXPECT_EQ(window_.memory[7], 8);
}

TEST_F(MemoryWindows, SharedMemoryIsHadAndGivenBack) {
  ViBusAddress offset[2] = {0, 77};
  EXPECT_EQ(viMemAlloc(session_, 100, offset), VI_SUCCESS);
  EXPECT_EQ(offset[0], 0x20u);
  EXPECT_EQ(offset[1], 77u);
  EXPECT_EQ(memory_.asked, 100u);
  EXPECT_EQ(viMemFree(session_, offset[0]), VI_SUCCESS);
  EXPECT_EQ(memory_.freed, 0x20u);
  memory_.offset = kFar;
  ViBusAddress64 far = 0;
  EXPECT_EQ(viMemAllocEx(session_, 1, &far), VI_SUCCESS);
  EXPECT_EQ(far, kFar);
  EXPECT_EQ(viMemFreeEx(session_, far), VI_SUCCESS);
  EXPECT_EQ(memory_.freed, kFar);
}

TEST_F(MemoryWindows, SharedMemoryThatIsRefusedWritesNothing) {
  memory_.asked = 77;
  EXPECT_EQ(viMemAlloc(session_, 1, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(viMemAllocEx(session_, 1, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(memory_.asked, 77u) << "nothing was allocated that nobody could free";
  ViBusAddress offset = 5;
  for (const auto& [status, code] : {std::pair{Status::error_mem_nshared, VI_ERROR_MEM_NSHARED},
                                     {Status::error_inv_size, VI_ERROR_INV_SIZE},
                                     {Status::error_alloc, VI_ERROR_ALLOC}}) {
    memory_.status = status;
    EXPECT_EQ(viMemAlloc(session_, 1, &offset), code);
    EXPECT_EQ(offset, 5u);
  }
  memory_.status = Status::error_inv_offset;
  EXPECT_EQ(viMemFree(session_, 1), VI_ERROR_INV_OFFSET);
  EXPECT_EQ(viMemFreeEx(session_, 1), VI_ERROR_INV_OFFSET);
}

}  // namespace
}  // namespace visa::abi
