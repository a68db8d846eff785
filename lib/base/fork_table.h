// SPDX-License-Identifier: MIT
// A table of numbers (descriptors, handles) that a child of fork finds intact, whatever the
// parent's other threads were doing at that moment. Therefore it has no mutex and no iterators, and
// grows in chunks that are never freed. For objects with static storage. Any thread; the child
// handler of fork may use `each` only.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <new>

namespace visa {

/// 0 marks a free place and cannot be stored.
template <class Value>
class ForkTable {
 public:
  /// Holds one number. It belongs to one owner from enter() to leave().
  using Place = std::atomic<Value>;

  constexpr ForkTable() noexcept = default;
  ForkTable(const ForkTable&) = delete;
  ForkTable& operator=(const ForkTable&) = delete;

  /// Stores `value`, which must not be 0. Returns null when there is no memory.
  Place* enter(Value value) noexcept {
    Chunk* const start = recent_.load(std::memory_order_acquire);
    Chunk* chunk = start != nullptr ? start : &first_;
    for (bool wrapped = chunk == &first_;;) {
      if (Place* const place = chunk->take(value); place != nullptr) {
        recent_.store(chunk, std::memory_order_release);
        return place;
      }
      Chunk* next = chunk->next.load(std::memory_order_acquire);
      if (next == nullptr && !wrapped) {  // search once more from the front, for freed places
        wrapped = true;
        next = &first_;
      } else if (next == nullptr) {
        next = chunk->append();
        if (next == nullptr) return nullptr;
      }
      chunk = next;
    }
  }

  /// Frees the place; returns the number it held.
  static Value leave(Place* place) noexcept {
    return place->exchange(0, std::memory_order_acq_rel);
  }

  /// Calls `visit(Place&)` for every place in use.
  template <class Visit>
  void each(Visit&& visit) {
    for (Chunk* chunk = &first_; chunk != nullptr;
         chunk = chunk->next.load(std::memory_order_acquire)) {
      for (Place& place : chunk->places) {
        if (place.load(std::memory_order_acquire) != 0) visit(place);
      }
    }
  }

 private:
  struct Chunk {
    constexpr Chunk() noexcept = default;

    Place* take(Value value) noexcept {
      for (Place& place : places) {
        Value expected{};
        if (place.load(std::memory_order_relaxed) == 0 &&
            place.compare_exchange_strong(expected, value, std::memory_order_acq_rel)) {
          return &place;
        }
      }
      return nullptr;
    }

    /// The chunk after this one; null when there is no memory.
    Chunk* append() noexcept {
      auto* const fresh = new (std::nothrow) Chunk;
      if (fresh == nullptr) return nullptr;
      Chunk* other = nullptr;
      if (next.compare_exchange_strong(other, fresh, std::memory_order_acq_rel)) return fresh;
      delete fresh;
      return other;
    }

    std::array<Place, 64> places{};
    std::atomic<Chunk*> next{nullptr};
  };

  Chunk first_;
  std::atomic<Chunk*> recent_{nullptr};  // the chunk that had a free place last: a hint
};

}  // namespace visa
