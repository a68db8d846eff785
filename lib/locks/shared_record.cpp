// SPDX-License-Identifier: MIT
// Order of writing: the word of a process first, then the sequence number. Who reads takes the
// number first, so that a change it has missed makes it look again.
//
// Each word is judged by itself: a holder counts if its word carries the generation of its slot
// and, where it matters, if the kernel says that the slot is taken. Nothing else that stands in a
// record can keep somebody out.
#include "lib/locks/shared_record.h"

#include <chrono>

#include "lib/base/process_name.h"

namespace visa::locks {
namespace {

using layout::Record;
using layout::Word;

// How long an older request may take to claim what was released: 30 ms, twice the longest pause of
// a waiter and its way through the scheduler.
constexpr std::uint32_t kTurn = 30'000'000 >> 16;

const std::atomic<std::uint64_t> still{0};

// FNV-1a with a last mix, so that the low bits, which choose stripe and sequence, depend on all.
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
    : name_(name), hash_(hash_of(name)), store_(std::move(store)), mine_(mine), sequence_(&still) {
  if (store_ != nullptr) attach(store_->file());
}

// Whoever has put a new domain in the place of this one has another word there.
SharedRecord::~SharedRecord() {
  if (file_ == nullptr || word_ == 0 || !file_->usable()) return;
  Record* const record = find();
  if (record == nullptr) return;
  auto& place = record->places[static_cast<std::size_t>(file_->slot())];
  Word there = place.load();
  const bool own = there == word_ || there == (word_ & ~layout::kWishes);
  if (own && place.compare_exchange_strong(there, 0)) sequence().fetch_add(1);
}

// Comes round after 78 hours: more than half of that no request is waited for, or it counts as
// young.
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
  others_ = {};
  if (file_ == nullptr) {
    seen_.store(0, std::memory_order_release);
    sequence_.store(&still, std::memory_order_release);
    return;
  }
  sequence_.store(&sequence(), std::memory_order_release);
  seen_.store(sequence().load() - 1, std::memory_order_release);  // never looked
}

// To the file that has taken the place of a deleted one, with everything that is held.
void SharedRecord::follow() noexcept {
  auto next = store_->successor(file_);
  if (next == file_) return;
  attach(std::move(next));
  owes_ = file_ != nullptr && !mine_.holders().empty();
}

void SharedRecord::pay_debt() noexcept {
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

/// Makes a record for the name, in one that nobody needs any more or a new one. Under the guard.
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

bool SharedRecord::idle(Record& record) const noexcept {
  for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
    const Word word = record.places[slot].load(std::memory_order_acquire);
    if (!file_->valid(slot, word)) continue;
    if (static_cast<int>(slot) == file_->slot() || file_->alive(slot)) return false;
  }
  return true;
}

/// True if a process other than this one stands behind the word.
bool SharedRecord::belongs(Record& record, std::size_t slot, Word word, Care care) noexcept {
  if (static_cast<int>(slot) == file_->slot() || !file_->valid(slot, word)) return false;
  if (care == Care::trusting || file_->alive(slot)) return true;
  // Only as it was: a newcomer in the slot may have written there by now.
  if (record.places[slot].compare_exchange_strong(word, 0) && (word & layout::kHolds) != 0) {
    record.freed_at.store(now(), std::memory_order_relaxed);
    changed();
  }
  return false;
}

void SharedRecord::observe(Care care) noexcept {
  seen_.store(sequence().load(std::memory_order_acquire) - (owes_ ? 1 : 0),
              std::memory_order_release);
  others_ = {};
  process_ = 0;
  Record* const record = find();
  if (record == nullptr) return;
  for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
    const Word word = record->places[slot].load(std::memory_order_acquire);
    if ((word & layout::kHolds) == 0 || !belongs(*record, slot, word, care)) continue;
    others_.exclusive = others_.exclusive || (word & layout::kExclusive) != 0;
    others_.shared = others_.shared || (word & layout::kShared) != 0;
    if (process_ == 0 || (word & layout::kExclusive) != 0) {
      const layout::Slot& holder = file_->header().slots[slot];
      process_ = holder.process.load(std::memory_order_relaxed);
      process_space_ = holder.process_space.load(std::memory_order_relaxed);
    }
  }
}

Others SharedRecord::look(Care care) noexcept {
  if (file_ == nullptr || !file_->usable()) return others_ = {};
  if (file_->header().retired.load(std::memory_order_acquire) != 0) follow();
  if (file_ == nullptr) return others_;
  if (owes_) pay_debt();
  observe(care);
  return others_;
}

std::string SharedRecord::holder() const {
  return process_ == 0 ? "another process" : describe_process(process_, process_space_);
}

std::string SharedRecord::where() const {
  return store_ == nullptr ? "locks hold inside this process only" : store_->where();
}

// When nothing else has happened since the last look, our own change is no reason for another.
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
    owes_ = (flags & layout::kHolds) != 0;
    return;
  }
  const Word word =
      flags == 0 ? 0 : layout::make_word(flags, wish_ ? wish_->since : 0, file_->generation());
  Record* const record = find();
  owes_ = record == nullptr && (flags & layout::kHolds) != 0;
  if (record == nullptr) return;
  // Another process may have taken the wish out of it.
  auto& place = record->places[static_cast<std::size_t>(file_->slot())];
  if (word == word_ && place.load(std::memory_order_relaxed) == word) return;

  const Word gained = word & ~word_ & layout::kHolds;
  const Word lost = word_ & ~word & layout::kHolds;
  if ((gained & layout::kShared) != 0 && !others_.shared) {
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
  if (record.file_ != nullptr && record.file_->usable()) {
    const bool retired = record.file_->header().retired.load(std::memory_order_acquire) != 0;
    if (retired || !record.file_->linked()) record.follow();
  }
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
  record.publish();  // what is owed
  record.observe(Care::verifying);
  const std::size_t length = found->key_length.load(std::memory_order_relaxed);
  if (record.others_.shared && length <= kMaxKeyLength) {
    found->key.load(key_);
    record.others_.key = std::string_view(key_.data(), length);
  }
}

bool SharedRecord::Entry::has_to_yield(const Wish& wish) noexcept {
  Record& record = *record_.found_;
  const auto own_slot = static_cast<std::size_t>(record_.file_->slot());
  const bool in_turn = now() - record.freed_at.load(std::memory_order_relaxed) < kTurn;
  const Word wanted = wish.member ? layout::kMemberWish : layout::kWish;
  for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
    Word word = record.places[slot].load(std::memory_order_acquire);
    if ((word & wanted) == 0 || !record_.belongs(record, slot, word, Care::trusting) ||
        !older(wish, own_slot, word, slot)) {
      continue;
    }
    if (!in_turn) {
      // A stopped process does not delay everybody each time; awake again, it comes back in line.
      const Word held = word & layout::kHolds;
      record.places[slot].compare_exchange_strong(word, held == 0 ? 0 : word & ~layout::kWishes);
    } else if (record_.belongs(record, slot, word, Care::verifying)) {
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
