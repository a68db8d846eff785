// SPDX-License-Identifier: MIT
// Loading never fails for a missing function; the call of it throws NotShown.
#include "conformance/rules/visa_api.h"

#include <dlfcn.h>

namespace visa::rules {

void AnswerLog::note(const char* function, ViStatus status) {
  const std::lock_guard lock(mutex_);
  answers_[function].insert(status);
}

std::map<std::string, std::set<ViStatus>> AnswerLog::all() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

Entry::Entry(Library& library, const char* name) : library_(library), name_(name) {
  library.entries_.push_back(this);
}

void* Entry::address() const {
  if (address_ == nullptr) throw NotShown{std::string("the library has no ") + name_};
  return address_;
}

void Entry::note(ViStatus status) const {
  library_.answers.note(name_, status);
}

bool Library::load(const std::string& path, std::string& error) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    error = dlerror();
    return false;
  }
  for (Entry* const entry : entries_) entry->address_ = dlsym(handle, entry->name());
  return true;
}

}  // namespace visa::rules
