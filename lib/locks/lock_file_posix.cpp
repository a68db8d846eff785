// SPDX-License-Identifier: MIT
// Opening without O_CREAT first (protected_regular refuses it in sticky folders), making with
// O_EXCL and fchmod (the umask is the program's), allocating before mapping (a full file system
// answers here, not by SIGBUS later), never shrinking. Every call that is a cancellation point
// stands behind a CancelShield.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "lib/base/cancel_shield.h"
#include "lib/base/deadline.h"
#include "lib/base/signal_shield.h"
#include "lib/base/unique_fd.h"
#include "lib/locks/lock_file.h"

namespace visa::locks {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMappedSize = layout::file_size(layout::kMaxLayers);
constexpr milliseconds kMakingTime{1000};
constexpr milliseconds kRightsTime{20};  // between O_EXCL and fchmod of the process that makes it
constexpr int kGuardAttempts = 32;
constexpr int kOpenAttempts = 16;

// The descriptors of all files, for the child of fork. A process has one; tests have some more.
constexpr std::size_t kMaxFiles = 64;
constexpr int kUnused = -2;
constexpr int kClosed = -1;

struct Descriptors {
  std::mutex mutex;
  std::array<std::atomic<int>, kMaxFiles> entries;

  Descriptors() {
    for (auto& entry : entries) entry = kUnused;
  }
};

Descriptors& descriptors() {
  alignas(Descriptors) static std::byte room[sizeof(Descriptors)];
  static auto* const made = new (room) Descriptors;  // never destroyed: fork may come at any time
  return *made;
}

// No descriptor may be made while a fork runs: the child would not know of it. Not for ever, since
// a signal handler that forks may have interrupted the very thread that holds the mutex.
thread_local bool held_for_fork = false;

void before_fork() {
  for (int i = 0; i < 10000 && !held_for_fork; ++i) {
    held_for_fork = descriptors().mutex.try_lock();
    if (!held_for_fork) ::sched_yield();
  }
}
void after_fork() {
  if (!held_for_fork) return;
  held_for_fork = false;
  descriptors().mutex.unlock();
}
void in_child() {
  for (auto& entry : descriptors().entries) {
    const int fd = entry.load();
    if (fd >= 0) {
      ::close(fd);
      entry = kClosed;
    }
  }
  after_fork();
}

// A shorter one would cut every lock byte to 0, and this process's locks would hold against no
// other's.
static_assert(sizeof(off_t) == 8, "compile with _FILE_OFFSET_BITS=64");

bool set_lock(int fd, short type, std::int64_t byte) noexcept {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return ::fcntl(fd, F_OFD_SETLK, &range) == 0;
}

/// Room for the file with so many layers, in a file that never gets shorter.
bool allocate(int fd, std::size_t layers) noexcept {
  const CancelShield shield;
  int done = -1;
  do {
    SignalShield quiet;  // RLIMIT_FSIZE
    done = quiet.passed(::fallocate(fd, 0, 0, static_cast<off_t>(layout::file_size(layers))));
  } while (done != 0 && errno == EINTR);
  return done == 0;
}

void pause_briefly() {
  const timespec millisecond{0, 1000000};
  ::nanosleep(&millisecond, nullptr);
}

std::string reason(const char* what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

UniqueFd open_folder(const LockFolder& folder, std::string& why) {
  constexpr int kHow = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::open(folder.path.c_str(), kHow));
  if (!fd && errno == ENOENT && folder.make) {
    if (::mkdir(folder.path.c_str(), 0700) == 0 || errno == EEXIST) {
      fd = UniqueFd(::open(folder.path.c_str(), kHow));
    }
  }
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    why = reason("the folder cannot be opened");
    return {};
  }
  // /run/lock may be open to everybody: a folder of somebody else's making is not the computer's.
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    why = "the folder belongs to another user";
    return {};
  }
  return fd;
}

UniqueFd open_file(int folder, std::string& why) {
  constexpr int kHow = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const Deadline rights = Deadline::after(kRightsTime);
  for (;;) {
    UniqueFd fd(::openat(folder, layout::kFileName, kHow));
    if (!fd && errno == ENOENT) {
      fd = UniqueFd(::openat(folder, layout::kFileName, kHow | O_CREAT | O_EXCL, 0660));
      if (!fd && errno == EEXIST && !rights.expired()) continue;
      if (fd && ::fchmod(fd.get(), 0660) != 0) {
        why = reason("the file's mode cannot be set");
        return {};
      }
    }
    if (!fd && errno == EACCES && !rights.expired()) {
      pause_briefly();
      continue;
    }
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
      why = reason("the file cannot be opened");
      return {};
    }
    if (!S_ISREG(status.st_mode)) {
      why = "the file is not a regular file";
      return {};
    }
    return fd;
  }
}

bool same_file(int one, int two) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(two, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

bool sound(const layout::Header& header) {
  return header.magic.load(std::memory_order_acquire) == layout::kMagic;
}

// A new file, a truncated one and one full of nonsense are the same: they begin from nothing. One
// process at a time, told by a lock that dies with it.
bool make_content(int fd, layout::Header& header, std::string& why) {
  const Deadline limit = Deadline::after(kMakingTime);
  while (!set_lock(fd, F_WRLCK, layout::kMakingByte)) {
    if ((errno != EAGAIN && errno != EACCES) || limit.expired()) {
      why = reason("the file cannot be locked");
      return false;
    }
    pause_briefly();
  }
  if (!sound(header)) {
    auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(&header);
    for (std::size_t i = 0; i < layout::file_size(1) / sizeof *words; ++i) {
      words[i].store(0, std::memory_order_relaxed);
    }
    header.layers.store(1, std::memory_order_relaxed);
    header.magic.store(layout::kMagic, std::memory_order_release);
  }
  set_lock(fd, F_UNLCK, layout::kMakingByte);
  return true;
}

}  // namespace

std::vector<LockFolder> default_lock_folders() {
  return {{"/run/lock/freevisa", false},
          {"/run/user/" + std::to_string(::geteuid()) + "/freevisa", true}};
}

std::shared_ptr<LockFile> LockFile::open(const LockFolder& folder, std::string& why) {
  static const int watched = ::pthread_atfork(before_fork, after_fork, in_child);
  if (watched != 0) {
    why = "no room for a fork handler";
    return nullptr;
  }
  const CancelShield shield;
  std::size_t entry = 0;
  UniqueFd for_mapping;
  {
    const std::lock_guard<std::mutex> no_fork(descriptors().mutex);
    auto& entries = descriptors().entries;
    while (entry < kMaxFiles && entries[entry].load() != kUnused) ++entry;
    if (entry == kMaxFiles) {
      why = "too many lock files are open in this process";
      return nullptr;
    }
    const UniqueFd directory = open_folder(folder, why);
    if (!directory) return nullptr;
    UniqueFd fd;
    for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
      fd = open_file(directory.get(), why);
      if (fd) for_mapping = open_file(directory.get(), why);
      if (!for_mapping) return nullptr;
      if (same_file(fd.get(), for_mapping.get())) break;
      for_mapping.reset();  // replaced in between
    }
    if (!for_mapping) {
      why = "the file is being replaced all the time";
      return nullptr;
    }
    entries[entry] = fd.release();
  }
  std::shared_ptr<LockFile> made(new LockFile(entry));
  if (!made->map(for_mapping.get(), why)) return nullptr;
  return made;
}

bool LockFile::map(int description, std::string& why) {
  if (!allocate(fd(), 1)) {
    why = reason("no room for the file");
    return false;
  }
  // The room of all layers is reserved, and touched as far as the file reaches.
  void* const mapping =
      ::mmap(nullptr, kMappedSize, PROT_READ | PROT_WRITE, MAP_SHARED, description, 0);
  if (mapping == MAP_FAILED) {
    why = reason("the file cannot be mapped");
    return false;
  }
  header_ = static_cast<layout::Header*>(mapping);
  layers_ =
      reinterpret_cast<layout::Layer*>(static_cast<std::byte*>(mapping) + sizeof(layout::Header));
  return sound(*header_) || make_content(fd(), *header_, why);
}

LockFile::~LockFile() {
  const CancelShield shield;
  const std::lock_guard<std::mutex> no_fork(descriptors().mutex);
  const int fd = descriptors().entries[entry_].exchange(kUnused);
  if (fd >= 0) ::close(fd);
  if (header_ != nullptr) ::munmap(header_, kMappedSize);
}

int LockFile::fd() const noexcept {
  return descriptors().entries[entry_].load(std::memory_order_relaxed);
}

bool LockFile::usable() const noexcept {
  return fd() >= 0;
}

bool LockFile::linked() const noexcept {
  struct stat status {};
  return ::fstat(fd(), &status) == 0 && status.st_nlink > 0;
}

std::size_t LockFile::layers() noexcept {
  std::size_t known = known_layers_.load(std::memory_order_relaxed);
  const std::size_t said = header_->layers.load(std::memory_order_acquire);
  if (said <= known || said > layout::kMaxLayers) return known;
  // Allocating what should be there makes sure that it is.
  if (!allocate(fd(), said)) return known;
  while (known < said && !known_layers_.compare_exchange_weak(known, said)) {
  }
  return known_layers_.load(std::memory_order_relaxed);
}

bool LockFile::grow() noexcept {
  const std::size_t wanted = layers() + 1;
  if (wanted > layout::kMaxLayers || !allocate(fd(), wanted)) return false;
  const auto more = static_cast<std::uint32_t>(wanted);
  auto said = header_->layers.load();
  // Nonsense is replaced, a larger truth of another process is kept.
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
    if (!set_lock(fd(), F_WRLCK, layout::kSlotBytes + static_cast<std::int64_t>(candidate))) {
      continue;
    }
    // From here on what an earlier owner left behind is void, and then it is taken away: the
    // generation may come round again.
    layout::Slot& taken = header_->slots[candidate];
    generation_ = (taken.generation.load() + 1) & layout::kGenerationMask;
    if (generation_ == 0) generation_ = 1;
    taken.generation = generation_;
    taken.process = process;
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
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = layout::kSlotBytes + static_cast<std::int64_t>(slot);
  range.l_len = 1;
  return ::fcntl(fd(), F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
}

LockFile::Guard::Guard(LockFile& file, std::size_t stripe) noexcept
    : file_(file), stripe_(stripe), threads_(file.threads_[stripe]) {
  const auto byte = layout::kGuardBytes + static_cast<std::int64_t>(stripe_);
  for (int i = 0; i < kGuardAttempts && !held_; ++i) {
    held_ = set_lock(file_.fd(), F_WRLCK, byte);
    if (!held_) ::sched_yield();
  }
}

LockFile::Guard::~Guard() {
  if (held_) {
    set_lock(file_.fd(), F_UNLCK, layout::kGuardBytes + static_cast<std::int64_t>(stripe_));
  }
}

}  // namespace visa::locks
