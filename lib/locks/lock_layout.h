// SPDX-License-Identifier: MIT
// What the shared memory of the locks looks like (a header, then layers of records), and which
// bytes of the lock file mean what. Any process that may open the file may also write arbitrary
// bytes here. So a reader checks what it reads, and every field is an atomic: bad content gives
// wrong answers, never undefined behaviour. Any thread, any process.
//
// ONE table holds the locks of all resources of the computer. A table for each resource would take
// 4000 descriptors or 4000 mapped pages for 4000 sessions on 4000 resources. A record says what
// each PROCESS holds on a resource, in one word per process, which that process sets. LockRecord
// counts, inside the process, which session holds what. So nesting and releasing need no
// agreement, and a record is 1 KiB for any number of sessions.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace visa::locks::layout {

/// A new layout gets a new file name, so that two versions never use one file.
inline constexpr const char* kFileName = "locks.2";
inline constexpr std::uint64_t kMagic = 0x32'6B'63'6F'4C'41'53'49;

inline constexpr std::size_t kSlots = 64;        // processes that use locks at one time
inline constexpr std::size_t kStripes = 64;      // guards; each has one record in every layer
inline constexpr std::size_t kSequences = 1024;  // change counters, shared by resources by hash
inline constexpr std::size_t kMaxLayers = 128;   // 8192 resources locked at one time

// Bytes of the file that are only locked, never written. The file stays empty; what another program
// writes into it is never read.
inline constexpr std::int64_t kSlotBytes = std::int64_t{1} << 40;
inline constexpr std::int64_t kGuardBytes = std::int64_t{1} << 41;
inline constexpr std::int64_t kMakingByte = std::int64_t{1} << 42;
// A process that has the shared memory number N attached locks the byte kMemoryBytes + N.
inline constexpr std::int64_t kMemoryBytes = std::int64_t{1} << 43;
inline constexpr std::int64_t kMostMemories = std::int64_t{1} << 31;

/// What one process holds and waits for on one resource: four flags, since when it waits, and the
/// generation of its slot. A word with an older generation was written by a process that is dead.
using Word = std::uint64_t;
inline constexpr Word kExclusive = 1;
inline constexpr Word kShared = 2;
inline constexpr Word kWish = 4;        // waits for the resource to be free
inline constexpr Word kMemberWish = 8;  // a member of the group waits for an exclusive lock over it
inline constexpr Word kHolds = kExclusive | kShared;
inline constexpr Word kWishes = kWish | kMemberWish;
inline constexpr std::uint32_t kGenerationMask = (1U << 28) - 1;

constexpr Word make_word(Word flags, std::uint32_t since, std::uint32_t generation) {
  return flags | (Word{since} << 4) | (Word{generation & kGenerationMask} << 36);
}
constexpr std::uint32_t since_of(Word word) {
  return static_cast<std::uint32_t>(word >> 4);
}
constexpr std::uint32_t generation_of(Word word) {
  return static_cast<std::uint32_t>(word >> 36);
}

/// Text in atomic words. The record keeps the length; the reader checks it against `kBytes`.
template <std::size_t kWords>
struct Text {
  static constexpr std::size_t kBytes = 8 * kWords;

  void store(std::string_view text) noexcept {
    for (std::size_t i = 0; i < kWords; ++i) {
      words[i].store(word_at(text, i), std::memory_order_relaxed);
    }
  }
  bool equals(std::string_view text) const noexcept {
    for (std::size_t i = 0; i < kWords; ++i) {
      if (words[i].load(std::memory_order_relaxed) != word_at(text, i)) return false;
    }
    return true;
  }
  void load(std::array<char, kBytes>& text) const noexcept {
    for (std::size_t i = 0; i < kBytes; ++i) {
      const auto word = words[i / 8].load(std::memory_order_relaxed);
      text[i] = static_cast<char>(word >> (8 * (i % 8)));
    }
  }

  std::array<std::atomic<std::uint64_t>, kWords> words;

 private:
  // Text longer than kBytes is cut.
  static std::uint64_t word_at(std::string_view text, std::size_t index) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 8 * index; i < 8 * index + 8 && i < text.size(); ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * (i % 8));
    }
    return word;
  }
};

struct Record {
  std::atomic<std::uint64_t> hash;  // of the name, written last; 0 in an unused record
  std::atomic<std::uint32_t> name_length;
  std::atomic<std::uint32_t> key_length;
  std::atomic<std::uint32_t> freed_at;  // when a lock was last given up, in ticks
  std::atomic<std::uint32_t> spare;
  Text<29> name;
  Text<32> key;  // the access key of the shared group, while there is one
  std::array<std::atomic<Word>, kSlots> places;
};

struct Slot {
  std::atomic<std::uint32_t> generation;  // every process that takes the slot adds 1
  std::atomic<std::uint32_t> process;     // process number, for user texts only
  // The PID namespace (container) in which `process` is valid; 0: unknown. For user texts only.
  std::atomic<std::uint64_t> process_space;
};

struct Header {
  std::atomic<std::uint64_t> magic;    // written last
  std::atomic<std::uint32_t> layers;   // how many there are; a hint, checked before use
  std::atomic<std::uint32_t> retired;  // the file was deleted, use the next one; a hint
  std::array<std::atomic<std::uint64_t>, 6> spare;
  std::array<Slot, kSlots> slots;
  std::array<std::atomic<std::uint64_t>, kSequences> sequences;
  std::array<std::atomic<std::uint64_t>, 376> padding;
};

using Layer = std::array<Record, kStripes>;

static_assert(sizeof(Record) == 1024 && sizeof(Header) == 12288);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);

/// Size of the whole memory. The kernel allocates only the pages that were touched.
inline constexpr std::size_t kSize = sizeof(Header) + kMaxLayers * sizeof(Layer);

}  // namespace visa::locks::layout
