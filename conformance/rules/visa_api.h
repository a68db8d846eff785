// SPDX-License-Identifier: MIT
// Any libvisa, loaded by path: each function of <visa.h> is a member with its name, and nothing is
// linked against the library. Each returned status goes into a log, which the suite compares with
// function_status.tsv. A rule that calls a function the library lacks is "not shown".
//
// Any thread may use it once it is loaded. The library stays loaded until the process ends.
#pragma once

#include <visa.h>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace visa::rules {

/// Thrown to end a rule whose requirement cannot be observed here.
struct NotShown {
  std::string reason;
};

class AnswerLog {
 public:
  void note(const char* function, ViStatus status);
  std::map<std::string, std::set<ViStatus>> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::set<ViStatus>> answers_;
};

class Library;

class Entry {
 public:
  Entry(Library& library, const char* name);
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  const char* name() const { return name_; }
  bool present() const { return address_ != nullptr; }

 protected:
  void* address() const;  // throws NotShown if the library has no such function
  void note(ViStatus status) const;

 private:
  friend class Library;
  Library& library_;
  const char* name_;
  void* address_ = nullptr;
};

class Library {
 public:
  /// False if the file cannot be loaded; the reason is in `error`.
  bool load(const std::string& path, std::string& error);
  const std::vector<Entry*>& entries() const { return entries_; }
  AnswerLog answers;

 private:
  friend class Entry;
  std::vector<Entry*> entries_;
};

template <class Prototype>
class Function;

template <class Result, class... Parameters>
class Function<Result(Parameters...)> : public Entry {
 public:
  using Entry::Entry;
  Result operator()(Parameters... arguments) const {
    auto* const call = reinterpret_cast<Result (*)(Parameters...)>(address());
    if constexpr (std::is_void_v<Result>) {
      call(arguments...);
    } else {
      const Result status = call(arguments...);
      note(status);
      return status;
    }
  }
  /// The library's function itself, for a call that may jump out without returning to this code.
  auto raw() const { return reinterpret_cast<Result (*)(Parameters...)>(address()); }
};

template <class Result, class... Parameters>
class Function<Result(Parameters..., ...)> : public Entry {
 public:
  using Entry::Entry;
  template <class... More>
  Result operator()(Parameters... arguments, More... more) const {
    auto* const call = reinterpret_cast<Result (*)(Parameters..., ...)>(address());
    const Result status = call(arguments..., more...);
    note(status);
    return status;
  }
};

/// The prototypes come from <visa.h>. The names are repeated here, because C++ cannot list them.
struct VisaApi : Library {
#define VISA_RULES_FUNCTION(function) Function<decltype(::function)> function{*this, #function}
  VISA_RULES_FUNCTION(viOpenDefaultRM);
  Function<decltype(::viOpenDefaultRM)> viGetDefaultRM_{*this, "viGetDefaultRM"};  // <visa.h> macro
  VISA_RULES_FUNCTION(viFindRsrc);
  VISA_RULES_FUNCTION(viFindNext);
  VISA_RULES_FUNCTION(viParseRsrc);
  VISA_RULES_FUNCTION(viParseRsrcEx);
  VISA_RULES_FUNCTION(viOpen);
  VISA_RULES_FUNCTION(viClose);
  VISA_RULES_FUNCTION(viSetAttribute);
  VISA_RULES_FUNCTION(viGetAttribute);
  VISA_RULES_FUNCTION(viStatusDesc);
  VISA_RULES_FUNCTION(viTerminate);
  VISA_RULES_FUNCTION(viLock);
  VISA_RULES_FUNCTION(viUnlock);
  VISA_RULES_FUNCTION(viEnableEvent);
  VISA_RULES_FUNCTION(viDisableEvent);
  VISA_RULES_FUNCTION(viDiscardEvents);
  VISA_RULES_FUNCTION(viWaitOnEvent);
  VISA_RULES_FUNCTION(viInstallHandler);
  VISA_RULES_FUNCTION(viUninstallHandler);
  VISA_RULES_FUNCTION(viRead);
  VISA_RULES_FUNCTION(viReadAsync);
  VISA_RULES_FUNCTION(viReadToFile);
  VISA_RULES_FUNCTION(viWrite);
  VISA_RULES_FUNCTION(viWriteAsync);
  VISA_RULES_FUNCTION(viWriteFromFile);
  VISA_RULES_FUNCTION(viAssertTrigger);
  VISA_RULES_FUNCTION(viReadSTB);
  VISA_RULES_FUNCTION(viClear);
  VISA_RULES_FUNCTION(viSetBuf);
  VISA_RULES_FUNCTION(viFlush);
  VISA_RULES_FUNCTION(viBufWrite);
  VISA_RULES_FUNCTION(viBufRead);
  VISA_RULES_FUNCTION(viPrintf);
  VISA_RULES_FUNCTION(viVPrintf);
  VISA_RULES_FUNCTION(viSPrintf);
  VISA_RULES_FUNCTION(viVSPrintf);
  VISA_RULES_FUNCTION(viScanf);
  VISA_RULES_FUNCTION(viVScanf);
  VISA_RULES_FUNCTION(viSScanf);
  VISA_RULES_FUNCTION(viVSScanf);
  VISA_RULES_FUNCTION(viQueryf);
  VISA_RULES_FUNCTION(viVQueryf);
  VISA_RULES_FUNCTION(viIn8);
  VISA_RULES_FUNCTION(viOut8);
  VISA_RULES_FUNCTION(viIn16);
  VISA_RULES_FUNCTION(viOut16);
  VISA_RULES_FUNCTION(viIn32);
  VISA_RULES_FUNCTION(viOut32);
  VISA_RULES_FUNCTION(viIn64);
  VISA_RULES_FUNCTION(viOut64);
  VISA_RULES_FUNCTION(viIn8Ex);
  VISA_RULES_FUNCTION(viOut8Ex);
  VISA_RULES_FUNCTION(viIn16Ex);
  VISA_RULES_FUNCTION(viOut16Ex);
  VISA_RULES_FUNCTION(viIn32Ex);
  VISA_RULES_FUNCTION(viOut32Ex);
  VISA_RULES_FUNCTION(viIn64Ex);
  VISA_RULES_FUNCTION(viOut64Ex);
  VISA_RULES_FUNCTION(viMoveIn8);
  VISA_RULES_FUNCTION(viMoveOut8);
  VISA_RULES_FUNCTION(viMoveIn16);
  VISA_RULES_FUNCTION(viMoveOut16);
  VISA_RULES_FUNCTION(viMoveIn32);
  VISA_RULES_FUNCTION(viMoveOut32);
  VISA_RULES_FUNCTION(viMoveIn64);
  VISA_RULES_FUNCTION(viMoveOut64);
  VISA_RULES_FUNCTION(viMoveIn8Ex);
  VISA_RULES_FUNCTION(viMoveOut8Ex);
  VISA_RULES_FUNCTION(viMoveIn16Ex);
  VISA_RULES_FUNCTION(viMoveOut16Ex);
  VISA_RULES_FUNCTION(viMoveIn32Ex);
  VISA_RULES_FUNCTION(viMoveOut32Ex);
  VISA_RULES_FUNCTION(viMoveIn64Ex);
  VISA_RULES_FUNCTION(viMoveOut64Ex);
  VISA_RULES_FUNCTION(viMove);
  VISA_RULES_FUNCTION(viMoveAsync);
  VISA_RULES_FUNCTION(viMoveEx);
  VISA_RULES_FUNCTION(viMoveAsyncEx);
  VISA_RULES_FUNCTION(viMapAddress);
  VISA_RULES_FUNCTION(viUnmapAddress);
  VISA_RULES_FUNCTION(viMapAddressEx);
  VISA_RULES_FUNCTION(viPeek8);
  VISA_RULES_FUNCTION(viPoke8);
  VISA_RULES_FUNCTION(viPeek16);
  VISA_RULES_FUNCTION(viPoke16);
  VISA_RULES_FUNCTION(viPeek32);
  VISA_RULES_FUNCTION(viPoke32);
  VISA_RULES_FUNCTION(viPeek64);
  VISA_RULES_FUNCTION(viPoke64);
  VISA_RULES_FUNCTION(viMemAlloc);
  VISA_RULES_FUNCTION(viMemFree);
  VISA_RULES_FUNCTION(viMemAllocEx);
  VISA_RULES_FUNCTION(viMemFreeEx);
  VISA_RULES_FUNCTION(viGpibControlREN);
  VISA_RULES_FUNCTION(viGpibControlATN);
  VISA_RULES_FUNCTION(viGpibSendIFC);
  VISA_RULES_FUNCTION(viGpibCommand);
  VISA_RULES_FUNCTION(viGpibPassControl);
  VISA_RULES_FUNCTION(viVxiCommandQuery);
  VISA_RULES_FUNCTION(viAssertUtilSignal);
  VISA_RULES_FUNCTION(viAssertIntrSignal);
  VISA_RULES_FUNCTION(viMapTrigger);
  VISA_RULES_FUNCTION(viUnmapTrigger);
  VISA_RULES_FUNCTION(viUsbControlOut);
  VISA_RULES_FUNCTION(viUsbControlIn);
  VISA_RULES_FUNCTION(viPxiReserveTriggers);
#undef VISA_RULES_FUNCTION
};

}  // namespace visa::rules
