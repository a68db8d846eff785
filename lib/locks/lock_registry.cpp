// SPDX-License-Identifier: MIT
// The table holds weak references. The thread that drops the last reference to a domain takes the
// name out of the table; until then no thread makes a new domain for the name.
#include "lib/locks/lock_registry.h"

#include <condition_variable>
#include <map>
#include <string>
#include <utility>

#include "lib/base/thread_annotations.h"
#include "lib/locks/lock_store.h"

namespace visa::locks {

struct LockRegistry::Table {
  explicit Table(std::vector<LockFolder> where) : folders(std::move(where)) {}

  const std::vector<LockFolder> folders;
  Mutex mutex;
  std::condition_variable gone;  // signals that a name was taken out
  // The file is open only while a domain lives: a program that has closed all sessions has no
  // descriptor of the library open.
  std::weak_ptr<LockStore> store VISA_GUARDED_BY(mutex);
  std::map<std::string, std::weak_ptr<LockDomain>, std::less<>> domains VISA_GUARDED_BY(mutex);

  void forget(const std::string& name) {
    const MutexLock held(mutex);
    const auto entry = domains.find(name);
    if (entry != domains.end() && entry->second.expired()) domains.erase(entry);
    gone.notify_all();
  }
};

/// A domain that takes its name out of the table when its last holder is gone.
struct LockRegistry::Listed {
  Listed(std::shared_ptr<Table> where, std::string name, std::shared_ptr<LockStore> store)
      : table(std::move(where)), domain(std::move(name), std::move(store)) {}
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() { table->forget(domain.name()); }

  const std::shared_ptr<Table> table;
  LockDomain domain;
};

LockRegistry::LockRegistry(std::vector<LockFolder> folders)
    : table_(std::make_shared<Table>(std::move(folders))) {}
LockRegistry::~LockRegistry() = default;

std::shared_ptr<LockDomain> LockRegistry::domain(std::string_view name) {
  MutexLock held(table_->mutex);
  auto entry = table_->domains.find(name);
  while (entry != table_->domains.end()) {
    if (auto live = entry->second.lock()) return live;
    // Another thread is just taking the name out. Wait for it, so that everything done under the
    // locks of the old domain happens before anything done under those of the new one.
    held.wait(table_->gone);
    entry = table_->domains.find(name);
  }
  auto store = table_->store.lock();
  if (store == nullptr) {
    store = std::make_shared<LockStore>(table_->folders);
    table_->store = store;
  }
  entry = table_->domains.try_emplace(std::string(name)).first;
  // A failed allocation must not leave an empty entry: every later caller would wait for it for
  // ever.
  struct Undo {
    std::map<std::string, std::weak_ptr<LockDomain>, std::less<>>* domains;
    decltype(entry) at;
    ~Undo() {
      if (domains != nullptr) domains->erase(at);
    }
  } undo{&table_->domains, entry};
  const auto listed = std::make_shared<Listed>(table_, std::string(name), std::move(store));
  std::shared_ptr<LockDomain> made(listed, &listed->domain);
  entry->second = made;
  undo.domains = nullptr;
  return made;
}

std::size_t LockRegistry::size() const {
  const MutexLock held(table_->mutex);
  return table_->domains.size();
}

}  // namespace visa::locks
