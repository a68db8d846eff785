// SPDX-License-Identifier: MIT
// One process at a time finds or makes the shared memory: the one that has locked the making byte.
// Each user of a memory keeps the byte of its number locked while it lives. So a number found there
// belongs to a living process, or to one that is just dying; then attaching fails, as it does for a
// number of another IPC namespace. Cancellation points run inside a CancelShield.
#include <fcntl.h>
#include <sched.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "lib/base/cancel_shield.h"
#include "lib/base/deadline.h"
#include "lib/base/process_name.h"
#include "lib/locks/lock_file.h"

namespace visa::locks {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMakingTime{1000};
constexpr int kGuardAttempts = 32;
// Limits the search among numbers that cannot be attached: those of dying processes, of other IPC
// namespaces, and bytes that a hostile process has locked.
constexpr std::size_t kMostNumbers = 256;

// A 32-bit build needs _FILE_OFFSET_BITS=64: with an off_t of 4 bytes the byte numbers of the
// layout would coincide.
static_assert(sizeof(off_t) == 8);

struct flock byte_range(short type, std::int64_t from, std::int64_t count) noexcept {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(from);
  range.l_len = static_cast<off_t>(count);
  return range;
}

bool set_lock(int fd, short type, std::int64_t byte) noexcept {
  struct flock range = byte_range(type, byte, 1);
  return ::fcntl(fd, F_OFD_SETLK, &range) == 0;
}

std::string reason(const char* what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

/// A range of memory numbers, without `to`.
struct Numbers {
  std::int64_t from = 0;
  std::int64_t to = layout::kMostMemories;
};

/// A number in `among` that another process uses, not always the smallest; negative if there is
/// none.
std::int64_t used_number(int fd, const Numbers& among) noexcept {
  if (among.from >= among.to) return -1;
  struct flock range =
      byte_range(F_WRLCK, layout::kMemoryBytes + among.from, among.to - among.from);
  if (::fcntl(fd, F_OFD_GETLK, &range) != 0 || range.l_type == F_UNLCK) return -1;
  return std::max(among.from, static_cast<std::int64_t>(range.l_start) - layout::kMemoryBytes);
}

layout::Header* attach(int number) noexcept {
  void* const memory = ::shmat(number, nullptr, 0);
  return memory == reinterpret_cast<void*>(-1) ? nullptr : static_cast<layout::Header*>(memory);
}

/// Null if the memory does not have this layout. Null with ENOMEM in errno if it may have, but this
/// process has no room to map it.
layout::Header* attach_found(int number) noexcept {
  struct shmid_ds facts {};
  errno = 0;
  if (::shmctl(number, IPC_STAT, &facts) != 0 || facts.shm_segsz != layout::kSize) return nullptr;
  layout::Header* const memory = attach(number);
  if (memory == nullptr) return nullptr;
  if (memory->magic.load(std::memory_order_acquire) == layout::kMagic) return memory;
  ::shmdt(memory);
  return nullptr;
}

/// Gives the memory the group and the access rights of the file.
bool share_as_file(int fd, int number) noexcept {
  struct stat file {};
  struct shmid_ds facts {};
  if (::fstat(fd, &file) != 0 || ::shmctl(number, IPC_STAT, &facts) != 0) return false;
  facts.shm_perm.gid = file.st_gid;
  facts.shm_perm.mode = static_cast<decltype(facts.shm_perm.mode)>(file.st_mode & 0660);
  return ::shmctl(number, IPC_SET, &facts) == 0;
}

layout::Header* make_memory(int fd, int& number) noexcept {
  number = ::shmget(IPC_PRIVATE, layout::kSize, IPC_CREAT | IPC_EXCL | 0600);
  if (number < 0) return nullptr;
  layout::Header* const memory = share_as_file(fd, number) ? attach(number) : nullptr;
  const int error = errno;
  ::shmctl(number, IPC_RMID, nullptr);  // it lives until the last process detaches it
  errno = error;
  if (memory == nullptr) return nullptr;
  memory->layers.store(1, std::memory_order_relaxed);
  memory->magic.store(layout::kMagic, std::memory_order_release);
  return memory;
}

/// Attaches the memory that living processes use, if there is one. Null with ENOMEM in errno if
/// there is one but this process has no room to map it.
layout::Header* find_memory(int fd, int& number) noexcept {
  std::array<Numbers, kMostNumbers + 1> left;
  std::size_t count = 1;
  for (std::size_t i = 0; i < kMostNumbers && count > 0; ++i) {
    const Numbers among = left[--count];
    const std::int64_t used = used_number(fd, among);
    if (used < 0) continue;
    number = static_cast<int>(used);
    layout::Header* const memory = attach_found(number);
    if (memory != nullptr || errno == ENOMEM) return memory;
    left[count++] = {among.from, used};
    left[count++] = {used + 1, among.to};
  }
  errno = 0;
  return nullptr;
}

/// The caller has locked the making byte.
layout::Header* find_or_make(int fd, std::string& why) {
  int number = -1;
  layout::Header* memory = find_memory(fd, number);
  // On ENOMEM make no second memory: the processes would no longer see each other's locks.
  if (memory == nullptr && errno != ENOMEM) memory = make_memory(fd, number);
  if (memory == nullptr) {
    why = reason("no shared memory (System V)");
    return nullptr;
  }
  if (set_lock(fd, F_RDLCK, layout::kMemoryBytes + number)) return memory;
  why = reason("the file cannot be locked");
  ::shmdt(memory);
  return nullptr;
}

layout::Header* join(int fd, std::string& why) {
  const Deadline limit = Deadline::after(kMakingTime);
  while (!set_lock(fd, F_WRLCK, layout::kMakingByte)) {
    if ((errno != EAGAIN && errno != EACCES) || limit.expired()) {
      why = reason("the file cannot be locked");
      return nullptr;
    }
    const timespec millisecond{0, 1000000};
    ::nanosleep(&millisecond, nullptr);
  }
  layout::Header* const memory = find_or_make(fd, why);
  set_lock(fd, F_UNLCK, layout::kMakingByte);
  return memory;
}

}  // namespace

std::shared_ptr<LockFile> LockFile::open(const LockFolder& folder, std::string& why) {
  if (!watch_forks()) {
    why = "no memory for a fork handler";
    return nullptr;
  }
  const CancelShield shield;
  auto fd = open_lock_file(folder, true, why);
  if (!fd) return nullptr;
  layout::Header* const memory = join(fd.get(), why);
  if (memory == nullptr) return nullptr;
  std::unique_ptr<layout::Header, int (*)(const void*)> attached(memory, ::shmdt);
  // A unique_ptr first: where there is no memory for shared ownership, the memory is detached once.
  std::unique_ptr<LockFile> made(new LockFile(std::move(fd), *memory));
  static_cast<void>(attached.release());  // `made` detaches it now
  return made;
}

bool LockFile::in_use(const LockFolder& folder) {
  const CancelShield shield;
  std::string unused;
  const auto fd = open_lock_file(folder, false, unused);
  return fd && used_number(fd.get(), {}) >= 0;
}

LockFile::LockFile(ChildClosedFd fd, layout::Header& memory) noexcept
    : fd_(std::move(fd)),
      header_(&memory),
      layers_(reinterpret_cast<layout::Layer*>(&memory + 1)) {}

LockFile::~LockFile() {
  ::shmdt(header_);
}

bool LockFile::linked() const noexcept {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 && status.st_nlink > 0;
}

std::size_t LockFile::layers() noexcept {
  std::size_t known = known_layers_.load(std::memory_order_relaxed);
  const std::size_t said = header_->layers.load(std::memory_order_acquire);
  if (said > layout::kMaxLayers) return known;
  while (known < said && !known_layers_.compare_exchange_weak(known, said)) {
  }
  return known_layers_.load(std::memory_order_relaxed);
}

bool LockFile::grow() noexcept {
  const std::size_t wanted = layers() + 1;
  if (wanted > layout::kMaxLayers) return false;
  const auto more = static_cast<std::uint32_t>(wanted);
  auto said = header_->layers.load();
  // An impossible number is replaced; a larger number that another process has set is kept.
  while ((said < more || said > layout::kMaxLayers) &&
         !header_->layers.compare_exchange_weak(said, more)) {
  }
  return layers() >= wanted;
}

int LockFile::take_slot() noexcept {
  if (slot() >= 0) return slot();
  const std::lock_guard<std::mutex> held(slot_mutex_);
  if (slot() >= 0) return slot();
  const auto process = static_cast<std::uint32_t>(::getpid());
  for (std::size_t i = 0; i < layout::kSlots; ++i) {
    const std::size_t candidate = (process + i) % layout::kSlots;
    if (!set_lock(fd_.get(), F_WRLCK, layout::kSlotBytes + static_cast<std::int64_t>(candidate))) {
      continue;
    }
    // The new generation makes the words of earlier owners void. They are cleared as well, because
    // the generation may wrap around to theirs.
    layout::Slot& taken = header_->slots[candidate];
    generation_ = (taken.generation.load() + 1) & layout::kGenerationMask;
    if (generation_ == 0) generation_ = 1;
    taken.generation = generation_;
    taken.process = process;
    taken.process_space = process_space();
    clear_words(candidate);
    slot_.store(static_cast<int>(candidate), std::memory_order_release);
    break;
  }
  return slot();
}

void LockFile::clear_words(std::size_t slot) noexcept {
  for (std::size_t layer = 0, count = layers(); layer < count; ++layer) {
    for (layout::Record& record : layers_[layer]) {
      if (record.places[slot].load(std::memory_order_relaxed) != 0) record.places[slot] = 0;
    }
  }
}

bool LockFile::valid(std::size_t slot, layout::Word word) const noexcept {
  const auto generation = header_->slots[slot].generation.load(std::memory_order_acquire);
  return word != 0 && layout::generation_of(word) == generation;
}

bool LockFile::alive(std::size_t slot) const noexcept {
  struct flock range = byte_range(F_WRLCK, layout::kSlotBytes + static_cast<std::int64_t>(slot), 1);
  return ::fcntl(fd_.get(), F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
}

LockFile::Guard::Guard(LockFile& file, std::size_t stripe) noexcept
    : file_(file), stripe_(stripe), threads_(file.threads_[stripe]) {
  const auto byte = layout::kGuardBytes + static_cast<std::int64_t>(stripe_);
  for (int i = 0; i < kGuardAttempts && !held_; ++i) {
    held_ = set_lock(file_.fd_.get(), F_WRLCK, byte);
    if (!held_) ::sched_yield();
  }
}

LockFile::Guard::~Guard() {
  if (held_) {
    set_lock(file_.fd_.get(), F_UNLCK, layout::kGuardBytes + static_cast<std::int64_t>(stripe_));
  }
}

}  // namespace visa::locks
