// SPDX-License-Identifier: MIT
// An I/O session: one channel with its attributes, lanes and locks; what viOpen returns. Owned by
// the object table and the calls inside it. Thread-safe; calls on one session are serialised by
// lanes: readers among themselves, writers among themselves, all of them where the wire is not
// duplex.
#pragma once

#include <visa.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "lib/base/message_secrets.h"
#include "lib/core/job_queue.h"
#include "lib/core/protocol_4882.h"
#include "lib/core/resource.h"
#include "lib/format/format_settings.h"
#include "lib/format/read_buffer.h"
#include "lib/format/write_buffer.h"
#include "lib/model/resource_name.h"
#include "lib/spi/channel.h"

namespace visa::format {
class ArgumentList;
}

namespace visa::core {

class Session final : public Resource {
 public:
  /// `channel` is open. `manager` is the session viOpen was called on (VI_ATTR_RM_SESSION).
  /// `interface_name` is the driver's VI_ATTR_INTF_INST_NAME, "" for the usual one.
  Session(model::ResourceName name, std::unique_ptr<spi::Channel> channel, Handle manager,
          std::shared_ptr<locks::LockDomain> domain, format::FormatSettings formats = {},
          std::string interface_name = {});

  static constexpr bool holds(model::Kind kind) noexcept { return model::kIoKinds.contains(kind); }

  /// viRead, viWrite: one deadline of VI_ATTR_TMO_VALUE for the whole call.
  Transfer read(std::span<std::byte> into);
  Transfer write(std::span<const std::byte> data);

  /// viReadAsync, viWriteAsync: `id`, where wanted, is written before the completion can be seen.
  /// `into` must live until then; `data` is copied. The timeout runs from when the job begins.
  Status read_async(std::span<std::byte> into, ViJobId* id);
  Status write_async(std::span<const std::byte> data, ViJobId* id);

  /// Where the instrument has locks of its own (spi::RemoteLockFacet) the first lock of a kind
  /// takes that too, after ours, and the last gives it back before.
  locks::LockDomain::Granted lock_until(locks::LockKind kind, std::optional<std::string_view> key,
                                        Deadline deadline) override;
  /// Where the instrument cannot give its lock back, and never will, the lock of this computer ends
  /// all the same, with the status of that failure.
  Status unlock() override;

  void cancel_calls() override;
  Status terminate(ViJobId id) override;
  Status start_event(ViEventType type) override;
  void stop_event(ViEventType type) override;

  /// viReadToFile, viWriteFromFile: the same transfer in pieces, still one call with one deadline.
  /// error_file_access: the file cannot be opened (nothing was transferred then); error_file_io.
  Transfer read_to_file(const char* path, std::size_t count);
  Transfer write_from_file(const char* path, std::size_t count);

  Status clear();
  Status trigger(ViUInt16 protocol);
  Result<std::uint8_t> read_status_byte();

  /// viPrintf, viScanf, viQueryf, viBufWrite, viBufRead (6.2), by the formatted buffers. The
  /// timeout holds for each transfer (see format::FormattedDevice); a call has the lane of both
  /// buffers to its end.
  Status print(const char* format, format::ArgumentList& arguments);
  Status scan(const char* format, format::ArgumentList& arguments);
  Status query(const char* write_format, const char* read_format, format::ArgumentList& arguments);
  Transfer write_formatted(std::span<const std::byte> data);
  Transfer read_formatted(std::span<std::byte> into);

  /// viGpibControlREN. error_inv_mode: no mode of VISA, or none of this wire.
  Status control_ren(ViUInt16 mode);

  /// The operations that only some wires have: `body(Facet&, Call&, Session&)` on the group
  /// `which`, inside both lanes. error_nsup_oper where the wire has none. Defined in
  /// session_transfer.h.
  template <class Facet, class Body>
  Status with_facet(Facet* spi::Facets::*which, Body&& body);
  template <class Facet>
  bool has(Facet* spi::Facets::*which) const noexcept {
    return channel_->facets().*which != nullptr;
  }
  /// viPeek and viPoke go there without a lane; null where the wire maps no windows.
  spi::WindowFacet* window() const noexcept { return channel_->facets().window; }

  /// What the attributes say of register access (VI_ATTR_SRC_INCREMENT and its kin).
  spi::RegisterRule register_rule() const;

  /// viMoveAsync. Precondition: has(&spi::Facets::registers).
  Status move_async(spi::BusPlace from, spi::Width from_width, spi::BusPlace to,
                    spi::Width to_width, std::size_t count, ViJobId* id);

  /// viFlush and viSetBuf, on the formatted buffers and on those of the wire (spi::BufferFacet).
  /// VI_READ_BUF: one deadline for all that is thrown away of the message.
  Status flush(ViUInt16 mask);
  Status set_buffer(ViUInt16 mask, ViUInt32 size);

  /// What the trace must not show. Before the first call.
  void hide_answers(std::shared_ptr<const MessageSecrets> secrets) {
    secrets_ = std::move(secrets);
  }

  const format::FormatSettings& formats() const noexcept { return formats_; }

  Status close() override;

  const model::ResourceName& name() const noexcept { return name_; }
  Handle manager() const noexcept { return manager_; }

 protected:
  Result<model::AttributeValue> computed(const model::Attribute& row) const override;
  Result<model::AttributeValue> asked_of_driver(const model::Attribute& row, Call& call) override;
  Status give_to_driver(const model::Attribute& row, std::uint64_t value, Call& call) override;
  void wake() override;
  bool window_mapped() const noexcept override {
    const auto* mapping = window();
    return mapping != nullptr && mapping->mapped();
  }

 private:
  template <class Body>
  Status transfer(Lane lane, Body&& body);
  template <class Body>
  Status transfer(Call& call, Lane lane, Body&& body);
  Transfer read(std::span<std::byte> into, Call& call);
  Transfer write(std::span<const std::byte> data, Call& call);
  /// The asynchronous jobs, a queue per direction, made when first needed.
  enum class Direction : std::uint8_t { read, write };
  struct JobQueues {
    std::shared_ptr<JobQueue> of[2];
    bool closed = false;
  };
  Status submit(Direction direction, const void* buffer, const char* operation,
                std::function<Transfer(Call&)> run, ViJobId* id);
  std::shared_ptr<JobQueue> jobs(Direction direction) VISA_EXCLUDES(jobs_mutex_);
  /// `action(JobQueue&)` on those there are.
  template <class Action>
  void for_each_queue(Action&& action) VISA_EXCLUDES(jobs_mutex_);
  void end_jobs() VISA_EXCLUDES(jobs_mutex_);
  void join_jobs(Deadline grace);
  /// What a transfer needs where the wire carries one at a time.
  Lane lane(Lane wanted) const noexcept {
    return channel_->traits().duplex || wanted == Lane::none
               ? wanted
               : Lane{static_cast<std::uint8_t>(static_cast<unsigned>(wanted) |
                                                static_cast<unsigned>(Lane::both))};
  }
  format::FormattedDevice wire(Call& call) const;
  Status print(format::FormattedDevice& wire, const char* format, format::ArgumentList& arguments,
               bool message);
  Status scan(format::FormattedDevice& wire, const char* format, format::ArgumentList& arguments);
  Status take(format::FormattedDevice& wire, std::span<std::byte> into, std::size_t& count);
  Status flush_output(unsigned mask, Call& call);
  Status flush_input(unsigned mask, Call& call);
  class SecretNote;
  /// So often a secret has come from the wire; 0 where there is no trace.
  std::uint64_t secrets_read() const { return secrets_ == nullptr ? 0 : secrets_->hidden(); }
  spi::EndRule end_rule() const noexcept;
  spi::WriteEnd write_end() const noexcept;
  spi::WriteRule write_rule() const noexcept;
  Status completion(const spi::ReadResult& result, const spi::EndRule& rule) const noexcept;
  bool asks_by_message() const noexcept;
  spi::TriggerRule trigger_rule(ViUInt16 protocol) const;
  Status lock_remote(spi::RemoteLockFacet& remote, locks::LockKind kind, const std::string& key,
                     Call& call);
  void close_channel();

  const model::ResourceName name_;
  const std::string canonical_;
  const std::string interface_name_;
  const std::unique_ptr<spi::Channel> channel_;
  const Handle manager_;
  Mutex jobs_mutex_;
  JobQueues jobs_ VISA_GUARDED_BY(jobs_mutex_);
  // The locks of each kind that the instrument's own backs: inside Lane::remote_lock.
  unsigned remote_exclusive_ = 0;
  unsigned remote_shared_ = 0;
  std::atomic<bool> abandoned_{false};  // viClose gave up waiting: the last call closes the channel
  std::atomic<bool> channel_closed_{false};

  const format::FormatSettings formats_;
  format::WriteBuffer write_buffer_;  // these two: by the call that has Lane::formatted
  format::ReadBuffer read_buffer_;
  bool buffers_secret_ = false;  // read_buffer_ may hold a password; likewise
  std::atomic<std::uint32_t> write_buffer_size_{format::kDefaultBufferSize};
  std::atomic<std::uint32_t> read_buffer_size_{format::kDefaultBufferSize};
  std::shared_ptr<const MessageSecrets> secrets_;  // null where there is no trace
  std::atomic<bool> message_sent_{false};          // since the last formatted read
};

}  // namespace visa::core
