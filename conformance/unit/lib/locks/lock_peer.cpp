// SPDX-License-Identifier: MIT
#include "conformance/unit/lib/locks/lock_peer.h"

#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "lib/base/unique_fd.h"

namespace visa::locks {
namespace {

using std::chrono::milliseconds;
constexpr const char* kPeerVariable = "FREEVISA_UNIT_LOCK_PEER";

// --- in the peer ---------------------------------------------------------------------------------

/// How often it had the lock; below zero when it was not alone with it.
std::string cycles(LockDomain& domain, const std::string& folder, int time, int timeout) {
  const UniqueFd fd(::open((folder + "/inside").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || ::ftruncate(fd.get(), sizeof(std::atomic<int>)) != 0) return "-1";
  auto* const inside = static_cast<std::atomic<int>*>(
      ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0));
  const Deadline end = Deadline::after(milliseconds(time));
  int count = 0;
  while (!end.expired()) {
    Call call(Deadline::after(milliseconds(timeout)));
    if (failed(domain.lock(1, LockKind::exclusive, {}, call).status)) continue;
    if (inside->exchange(1) != 0 || !domain.may_pass(1)) return "-2";
    ++count;
    inside->store(0);
    domain.unlock(1);
  }
  return std::to_string(count);
}

/// Separated by colons, those that may be made with a plus in front.
std::vector<LockFolder> folders_of(const std::string& text) {
  std::vector<LockFolder> folders;
  std::istringstream list(text);
  for (std::string path; std::getline(list, path, ':');) {
    const bool make = path.starts_with('+');
    folders.push_back({path.substr(make ? 1 : 0), make});
  }
  return folders;
}

void serve(const std::string& folders) {
  LockRegistry registry(folders_of(folders));
  std::shared_ptr<LockDomain> domain;
  std::vector<std::shared_ptr<LockDomain>> many;
  std::string detail;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    std::int64_t a = 0;
    std::int64_t b = 0;
    std::int64_t c = 0;
    if (what == "open") {
      std::string name;
      words >> name;
      domain = registry.domain(name);
      std::cout << "opened\n";
    } else if (what == "become") {
      words >> a >> b;
      const bool done = ::setgroups(0, nullptr) == 0 && ::setgid(static_cast<gid_t>(b)) == 0 &&
                        ::setuid(static_cast<uid_t>(a)) == 0;
      std::cout << done << "\n";
    } else if (what == "lock") {
      std::string key;
      words >> a >> b >> c >> key;
      Call call(c < 0 ? Deadline::infinite() : Deadline::after(milliseconds(c)));
      const auto granted =
          domain->lock(static_cast<SessionId>(a), static_cast<LockKind>(b), key, call);
      detail = call.detail;
      std::cout << static_cast<std::int64_t>(granted.status) << ' ' << monotonic_now() << ' '
                << granted.key << "\n";
    } else if (what == "unlock") {
      words >> a;
      std::cout << static_cast<std::int64_t>(domain->unlock(static_cast<SessionId>(a))) << "\n";
    } else if (what == "release") {
      words >> a;
      domain->release_all(static_cast<SessionId>(a));
      std::cout << "0\n";
    } else if (what == "pass") {
      words >> a;
      std::cout << domain->may_pass(static_cast<SessionId>(a)) << "\n";
    } else if (what == "state") {
      std::cout << static_cast<std::int64_t>(domain->state()) << "\n";
    } else if (what == "detail") {
      std::cout << detail << "\n";
    } else if (what == "fork") {
      int ready[2];
      if (::pipe(ready) != 0) ::_exit(1);
      const pid_t child = ::fork();
      char byte = 0;
      if (child == 0) {
        ::alarm(60);
        if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
        for (;;) ::pause();
      }
      if (::read(ready[0], &byte, 1) != 1) ::_exit(1);  // the child has come back from fork
      std::cout << child << "\n";
    } else if (what == "cycles") {
      words >> a >> b;
      std::cout << cycles(*domain, folders, static_cast<int>(a), static_cast<int>(b)) << "\n";
    } else if (what == "many") {
      words >> a;
      int got = 0;
      for (std::int64_t i = 0; i < a; ++i) {
        many.push_back(registry.domain(domain->name() + std::to_string(i)));
        Call call(Deadline::immediate());
        if (ok(many.back()->lock(1, LockKind::exclusive, {}, call).status)) ++got;
        detail = call.detail;
      }
      std::cout << got << "\n";
    }
    std::cout.flush();
  }
}

// Before main, so that no test runs in a peer.
[[maybe_unused]] const bool is_peer = [] {
  const char* const folder = std::getenv(kPeerVariable);
  if (folder == nullptr) return false;
  const std::ios_base::Init streams;
  serve(folder);
  ::_exit(0);
}();

}  // namespace

// --- in the test ---------------------------------------------------------------------------------

std::int64_t monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

TestFolder::TestFolder() {
  std::string path = std::filesystem::temp_directory_path() / "freevisa-locks-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = path;
}
TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
std::string TestFolder::file() const {
  return path_ + "/" + layout::kFileName;
}

Peer::Peer(const std::string& folders, const std::string& resource, uid_t user, gid_t group) {
  int to[2];
  int from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], 0);
  posix_spawn_file_actions_adddup2(&actions, from[1], 1);
  std::string variable = std::string(kPeerVariable) + "=" + folders;
  std::vector<char*> environment{variable.data()};
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  environment.push_back(nullptr);
  std::string program = "/proc/self/exe";
  char* arguments[] = {program.data(), nullptr};
  const int failed =
      ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(to[0]);
  ::close(from[1]);
  in_ = to[1];
  out_ = from[0];
  if (failed != 0) throw std::runtime_error("the peer cannot be started");
  if (user != 0) {
    send("become " + std::to_string(user) + " " + std::to_string(group));
    if (receive() != "1") throw std::runtime_error("the peer cannot become another user");
  }
  send("open " + resource);
  receive();
}

Peer::~Peer() {
  kill();
  ::close(in_);
  ::close(out_);
}

void Peer::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Peer::send(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the peer does not read");
  }
}

std::string Peer::receive() {
  std::string line;
  for (;;) {
    pollfd ready{out_, POLLIN, 0};
    if (::poll(&ready, 1, 60000) != 1) throw std::runtime_error("the peer does not answer");
    char c = 0;
    if (::read(out_, &c, 1) != 1) throw std::runtime_error("the peer is gone");
    if (c == '\n') return line;
    line += c;
  }
}

bool Peer::has_answered() const {
  pollfd ready{out_, POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

void Peer::start_lock(SessionId session, LockKind kind, const std::string& key, int timeout) {
  send("lock " + std::to_string(session) + " " + std::to_string(static_cast<unsigned>(kind)) + " " +
       std::to_string(timeout) + " " + key);
}

PeerAnswer Peer::answer() {
  std::istringstream words(receive());
  std::int64_t status = 0;
  PeerAnswer answer{};
  words >> status >> answer.at >> answer.key;
  answer.status = static_cast<Status>(status);
  return answer;
}

PeerAnswer Peer::lock(SessionId session, LockKind kind, const std::string& key, int timeout) {
  start_lock(session, kind, key, timeout);
  return answer();
}

Status Peer::unlock(SessionId session) {
  send("unlock " + std::to_string(session));
  return static_cast<Status>(std::stoll(receive()));
}
Status Peer::release_all(SessionId session) {
  send("release " + std::to_string(session));
  return static_cast<Status>(std::stoll(receive()));
}
bool Peer::may_pass(SessionId session) {
  send("pass " + std::to_string(session));
  return receive() == "1";
}
LockState Peer::state() {
  send("state");
  return static_cast<LockState>(std::stoi(receive()));
}
std::string Peer::detail() {
  send("detail");
  return receive();
}
pid_t Peer::fork_child() {
  send("fork");
  return std::stoi(receive());
}
void Peer::start_cycles(int milliseconds, int timeout) {
  send("cycles " + std::to_string(milliseconds) + " " + std::to_string(timeout));
}
int Peer::number() {
  return std::stoi(receive());
}
int Peer::lock_many(int count) {
  send("many " + std::to_string(count));
  return number();
}

int waiting_processes(const TestFolder& folder) {
  std::string why;
  const auto file = LockFile::open(folder.folder(), why);
  if (file == nullptr) throw std::runtime_error("no lock file: " + why);
  int count = 0;
  for (std::size_t layer = 0; layer < file->layers(); ++layer) {
    for (std::size_t stripe = 0; stripe < layout::kStripes; ++stripe) {
      for (std::size_t slot = 0; slot < layout::kSlots; ++slot) {
        const auto word = file->record(layer, stripe).places[slot].load();
        if (file->valid(slot, word) && (word & layout::kWishes) != 0) ++count;
      }
    }
  }
  return count;
}

bool somebody_inside(const TestFolder& folder) {
  std::string why;
  const auto file = LockFile::open(folder.folder(), why);
  if (file == nullptr) throw std::runtime_error("no lock file: " + why);
  for (std::size_t stripe = 0; stripe < layout::kStripes; ++stripe) {
    const LockFile::Guard guard(*file, stripe);
    if (!guard) return true;
  }
  return false;
}

bool lined_up(const TestFolder& folder, int count) {
  const Deadline limit = Deadline::after(milliseconds(20000));
  while (waiting_processes(folder) != count) {
    if (limit.expired()) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace visa::locks
