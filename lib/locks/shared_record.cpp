// SPDX-License-Identifier: MIT
// Order of writing: the word of a process first, then the sequence number. A reader takes the
// number first, so that it looks again if it missed a change.
//
// Each word is judged by itself: it counts if it carries the generation of its slot and, before it
// refuses anything, if the kernel says that a process has the slot. Nothing else in a record can
// shut a session out.
#include "lib/locks/shared_record.h"

#include <chrono>

#include "lib/base/process_name.h"

namespace visa::locks {
namespace {

using layout::Record;
using layout::Word;

// After a release the older request has so long to take the lock before a younger one may: 30 ms.
// That is more than the longest pause of a waiter (8 ms) and the delay of the scheduler.
constexpr std::uint32_t kTurn = 30'000'000 >> 16;

// The sequence number of a record without a lock file.
const std::atomic<std::uint64_t> kNeverChanges{0};

// FNV-1a and a final mix, so that the low bits, which choose stripe and sequence, depend on the
// whole name.
std::uint64_t hash_of(std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return hash == 0 ? 1 : hash;
}

bool older(const SharedRecord::Wish& wish, std::size_t own_slot, Word word, std::size_t slot) {
  const auto ahead = static_cast<std::int32_t>(wish.since - layout::since_of(word));
  return ahead > 0 || (ahead == 0 && slot < own_slot);
}

}  // namespace

SharedRecord::SharedRecord(std::string_view name, std::shared_ptr<LockStore> store,
                           const LockRecord& mine)
    : name_(name),
      hash_(hash_of(name)),
      store_(std::move(store)),
      mine_(mine),
      sequence_(&kNeverChanges) {
  if (store_ != nullptr) attach(store_->file());
}

// If a new domain of this process has already written its own word there, that word stays.
SharedRecord::~SharedRecord() {
  if (file_ == nullptr || word_ == 0 || !file_->usable()) return;
  Record* const record = find();
  if (record == nullptr) return;
  auto& place = record->places[static_cast<std::size_t>(file_->slot())];
  Word there = place.load();
  const bool own = there == word_ || there == (word_ & ~layout::kWishes);
  if (own && place.compare_exchange_strong(there, 0)) sequence().fetch_add(1);
}

// Wraps around after 78 hours. A request that has waited longer than half of that counts as young.
std::uint32_t SharedRecord::now() noexcept {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::nanoseconds(since_start).count() >> 16);
}

std::atomic<std::uint64_t>& SharedRecord::sequence() const noexcept {
  return file_->header().sequences[(hash_ / layout::kStripes) % layout::kSequences];
}

void SharedRecord::attach(std::shared_ptr<LockFile> file) noexcept {
  file_ = std::move(file);
  found_ = nullptr;
  word_ = 0;
  held_elsewhere_ = {};
  if (file_ == nullptr) {
    seen_.store(0, std::memory_order_release);
    sequence_.store(&kNeverChanges, std::memory_order_release);
    return;
  }
  sequence_.store(&sequence(), std::memory_order_release);
  seen_.store(sequence().load() - 1, std::memory_order_release);  // never looked
}

// Moves to the file that has replaced a deleted one, if this process has opened it already; what
// `mine` holds is published there later.
void SharedRecord::follow() noexcept {
  auto next = store_->current();
  if (next == file_) return;
  attach(std::move(next));
  unpublished_ = file_ != nullptr && !mine_.holders().empty();
}

// Publishes what could not be published before: there was no slot, no record or no guard.
void SharedRecord::publish_missed() noexcept {
  if (file_->take_slot() < 0) return;
  const LockFile::Guard guard(*file_, hash_ % layout::kStripes);
  if (!guard || (find() == nullptr && claim() == nullptr)) return;
  publish();
}

bool SharedRecord::is_ours(const Record& record) const noexcept {
  return record.hash.load(std::memory_order_acquire) == hash_ &&
         record.name_length.load(std::memory_order_relaxed) == name_.size() &&
         record.name.equals(name_);
}

Record* SharedRecord::find() noexcept {
  if (found_ != nullptr && is_ours(*found_)) return found_;
  found_ = nullptr;
  for (std::size_t layer = 0, count = file_->layers(); layer < count; ++layer) {
    Record& record = file_->record(layer, hash_ % layout::kStripes);
    if (is_ours(record)) return found_ = &record;
  }
  return nullptr;
}

/// Gives the name a record: an idle one, or one of a new layer. Called under the guard.
Record* SharedRecord::claim() noexcept {
  const std::size_t stripe = hash_ % layout::kStripes;
  const std::size_t count = file_->layers();
  Record* free = nullptr;
  for (std::size_t layer = 0; layer < count && free == nullptr; ++layer) {
    Record& record = file_->record(layer, stripe);
    if (record.hash.load(std::memory_order_acquire) == 0 || idle(record)) free = &record;
  }
  if (free == nullptr) {
    if (!file_->grow()) return nullptr;
    free = &file_->record(count, stripe);
  }
  free->hash.store(0, std::memory_order_release);
  for (auto& place : free->places) place.store(0, std::memory_order_relaxed);
  free->name.store(name_);
  free->name_length.store(static_cast<std::uint32_t>(name_.size()), std::memory_order_relaxed);
  free->key_length.store(0, std::memory_order_relaxed);
  free->freed_at.store(now() - kTurn, std::memory_order_relaxed);
  free->hash.store(hash_, std::memory_order_release);
  return found_ = free;
}

/// True if no living process holds or waits for anything in the record.
bool SharedRecord::idle(Record& record) const noexcept {
  for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
    const Word word = record.places[slot].load(std::memory_order_acquire);
    if (!file_->valid(slot, word)) continue;
    if (static_cast<int>(slot) == file_->slot() || file_->alive(slot)) return false;
  }
  return true;
}

/// True if the word is valid and belongs to another process. With Liveness::checked, false for a
/// dead process, whose word is cleared.
bool SharedRecord::counts(Record& record, std::size_t slot, Word word, Liveness liveness) noexcept {
  if (static_cast<int>(slot) == file_->slot() || !file_->valid(slot, word)) return false;
  if (liveness == Liveness::assumed || file_->alive(slot)) return true;
  // Cleared only if unchanged: a new process in the slot may have written its own word by now.
  if (record.places[slot].compare_exchange_strong(word, 0) && (word & layout::kHolds) != 0) {
    record.freed_at.store(now(), std::memory_order_relaxed);
    changed();
  }
  return false;
}

void SharedRecord::observe(Liveness liveness) noexcept {
  seen_.store(sequence().load(std::memory_order_acquire) - (unpublished_ ? 1 : 0),
              std::memory_order_release);
  held_elsewhere_ = {};
  process_ = 0;
  Record* const record = find();
  if (record == nullptr) return;
  for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
    const Word word = record->places[slot].load(std::memory_order_acquire);
    if ((word & layout::kHolds) == 0 || !counts(*record, slot, word, liveness)) continue;
    held_elsewhere_.exclusive = held_elsewhere_.exclusive || (word & layout::kExclusive) != 0;
    held_elsewhere_.shared = held_elsewhere_.shared || (word & layout::kShared) != 0;
    if (process_ == 0 || (word & layout::kExclusive) != 0) {
      const layout::Slot& holder = file_->header().slots[slot];
      process_ = holder.process.load(std::memory_order_relaxed);
      process_space_ = holder.process_space.load(std::memory_order_relaxed);
    }
  }
}

HeldElsewhere SharedRecord::look(Liveness liveness) noexcept {
  if (file_ == nullptr || !file_->usable()) return held_elsewhere_ = {};
  if (retired()) follow();
  if (file_ == nullptr) return held_elsewhere_;
  if (unpublished_) publish_missed();
  observe(liveness);
  return held_elsewhere_;
}

std::string SharedRecord::holder() const {
  return process_ == 0 ? "another process" : describe_process(process_, process_space_);
}

std::string SharedRecord::where() const {
  return store_ == nullptr ? "locks hold inside this process only" : store_->where();
}

// If no other process has changed anything since the last look, this process's own change does not
// make it look again.
void SharedRecord::changed() noexcept {
  const std::uint64_t before = sequence().fetch_add(1);
  if (seen_.load(std::memory_order_relaxed) == before) {
    seen_.store(before + 1, std::memory_order_release);
  }
}

void SharedRecord::publish() noexcept {
  if (file_ == nullptr || !file_->usable()) return;
  Word flags = 0;
  if (mine_.exclusive_owner() != 0) flags |= layout::kExclusive;
  if (!mine_.key().empty()) flags |= layout::kShared;
  if (wish_) flags |= wish_->member ? layout::kWishes : layout::kWish;
  if (flags == 0 && word_ == 0) return;
  if (file_->slot() < 0) {
    unpublished_ = (flags & layout::kHolds) != 0;
    return;
  }
  const Word word =
      flags == 0 ? 0 : layout::make_word(flags, wish_ ? wish_->since : 0, file_->generation());
  Record* const record = find();
  unpublished_ = record == nullptr && (flags & layout::kHolds) != 0;
  if (record == nullptr) return;
  // Another process may have removed the wish from the word there.
  auto& place = record->places[static_cast<std::size_t>(file_->slot())];
  if (word == word_ && place.load(std::memory_order_relaxed) == word) return;

  const Word gained = word & ~word_ & layout::kHolds;
  const Word lost = word_ & ~word & layout::kHolds;
  if ((gained & layout::kShared) != 0 && !held_elsewhere_.shared) {
    record->key.store(mine_.key());
    record->key_length.store(static_cast<std::uint32_t>(mine_.key().size()),
                             std::memory_order_relaxed);
  }
  if (lost != 0) record->freed_at.store(now(), std::memory_order_relaxed);
  place.store(word, std::memory_order_release);
  word_ = word;
  if ((gained | lost) != 0) changed();
}

void SharedRecord::withdraw_wish() noexcept {
  if (!wish_) return;
  wish_.reset();
  publish();
}

SharedRecord::Entry::Entry(SharedRecord& record) noexcept : record_(record) {
  if (record.file_ != nullptr && record.file_->usable()) record.follow();
  if (record.file_ == nullptr || !record.file_->usable()) return;
  if (record.file_->take_slot() < 0) {
    outcome_ = Outcome::too_many_processes;
    return;
  }
  guard_.emplace(*record.file_, record.hash_ % layout::kStripes);
  if (!*guard_) {
    outcome_ = Outcome::busy;
    return;
  }
  Record* found = record.find();
  if (found == nullptr) found = record.claim();
  if (found == nullptr) {
    outcome_ = Outcome::too_many_resources;
    return;
  }
  outcome_ = Outcome::inside;
  record.publish();  // what this process holds but could not publish before
  record.observe(Liveness::checked);
  const std::size_t length = found->key_length.load(std::memory_order_relaxed);
  if (record.held_elsewhere_.shared && length <= kMaxKeyLength) {
    found->key.load(key_);
    record.held_elsewhere_.key = std::string_view(key_.data(), length);
  }
}

bool SharedRecord::Entry::has_to_yield(const Wish& wish) noexcept {
  Record& record = *record_.found_;
  const auto own_slot = static_cast<std::size_t>(record_.file_->slot());
  const bool in_turn = now() - record.freed_at.load(std::memory_order_relaxed) < kTurn;
  const Word wanted = wish.member ? layout::kMemberWish : layout::kWish;
  for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
    Word word = record.places[slot].load(std::memory_order_acquire);
    if ((word & wanted) == 0 || !record_.counts(record, slot, word, Liveness::assumed) ||
        !older(wish, own_slot, word, slot)) {
      continue;
    }
    if (!in_turn) {
      // A stopped process (SIGSTOP) must not delay the others at every release. When it continues,
      // it shows its wish again.
      const Word held = word & layout::kHolds;
      record.places[slot].compare_exchange_strong(word, held == 0 ? 0 : word & ~layout::kWishes);
    } else if (record_.counts(record, slot, word, Liveness::checked)) {
      return true;
    }
  }
  return false;
}

void SharedRecord::Entry::publish(std::optional<Wish> wish) noexcept {
  record_.wish_ = wish;
  record_.publish();
}

}  // namespace visa::locks
