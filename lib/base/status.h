// SPDX-License-Identifier: MIT
// The outcome of an operation: the completion and error codes of VPP-4.3 (the numbers of visa.h) as
// a type of its own, so that a code is never mixed up with a count. Negative is failure, zero plain
// success, positive a completion or warning that comes with a result. A value: any thread.
// model/status_table_test compares every enumerator with visa.h.
#pragma once

#include <cstdint>

namespace visa {

inline constexpr std::int32_t kErrorBase = -2147483647 - 1;

enum class Status : std::int32_t {
  success = 0x00000000,
  success_event_en = 0x3FFF0002,
  success_event_dis = 0x3FFF0003,
  success_queue_empty = 0x3FFF0004,
  success_term_char = 0x3FFF0005,
  success_max_cnt = 0x3FFF0006,
  success_dev_npresent = 0x3FFF007D,
  success_trig_mapped = 0x3FFF007E,
  success_queue_nempty = 0x3FFF0080,
  success_nchain = 0x3FFF0098,
  success_nested_shared = 0x3FFF0099,
  success_nested_exclusive = 0x3FFF009A,
  success_sync = 0x3FFF009B,
  warn_queue_overflow = 0x3FFF000C,
  warn_config_nloaded = 0x3FFF0077,
  warn_null_object = 0x3FFF0082,
  warn_nsup_attr_state = 0x3FFF0084,
  warn_unknown_status = 0x3FFF0085,
  warn_nsup_buf = 0x3FFF0088,
  warn_ext_func_nimpl = 0x3FFF00A9,
  warn_server_cert_untrusted = 0x3FFF00F0,
  warn_server_cert_inv_subject = 0x3FFF00F1,
  error_system_error = kErrorBase + 0x3FFF0000,
  error_inv_object = kErrorBase + 0x3FFF000E,
  error_inv_session = error_inv_object,
  error_rsrc_locked = kErrorBase + 0x3FFF000F,
  error_inv_expr = kErrorBase + 0x3FFF0010,
  error_rsrc_nfound = kErrorBase + 0x3FFF0011,
  error_inv_rsrc_name = kErrorBase + 0x3FFF0012,
  error_inv_acc_mode = kErrorBase + 0x3FFF0013,
  error_tmo = kErrorBase + 0x3FFF0015,
  error_closing_failed = kErrorBase + 0x3FFF0016,
  error_inv_degree = kErrorBase + 0x3FFF001B,
  error_inv_job_id = kErrorBase + 0x3FFF001C,
  error_nsup_attr = kErrorBase + 0x3FFF001D,
  error_nsup_attr_state = kErrorBase + 0x3FFF001E,
  error_attr_readonly = kErrorBase + 0x3FFF001F,
  error_inv_lock_type = kErrorBase + 0x3FFF0020,
  error_inv_access_key = kErrorBase + 0x3FFF0021,
  error_inv_event = kErrorBase + 0x3FFF0026,
  error_inv_mech = kErrorBase + 0x3FFF0027,
  error_hndlr_ninstalled = kErrorBase + 0x3FFF0028,
  error_inv_hndlr_ref = kErrorBase + 0x3FFF0029,
  error_inv_context = kErrorBase + 0x3FFF002A,
  error_queue_overflow = kErrorBase + 0x3FFF002D,
  error_nenabled = kErrorBase + 0x3FFF002F,
  error_abort = kErrorBase + 0x3FFF0030,
  error_raw_wr_prot_viol = kErrorBase + 0x3FFF0034,
  error_raw_rd_prot_viol = kErrorBase + 0x3FFF0035,
  error_outp_prot_viol = kErrorBase + 0x3FFF0036,
  error_inp_prot_viol = kErrorBase + 0x3FFF0037,
  error_berr = kErrorBase + 0x3FFF0038,
  error_in_progress = kErrorBase + 0x3FFF0039,
  error_inv_setup = kErrorBase + 0x3FFF003A,
  error_queue_error = kErrorBase + 0x3FFF003B,
  error_alloc = kErrorBase + 0x3FFF003C,
  error_inv_mask = kErrorBase + 0x3FFF003D,
  error_io = kErrorBase + 0x3FFF003E,
  error_inv_fmt = kErrorBase + 0x3FFF003F,
  error_nsup_fmt = kErrorBase + 0x3FFF0041,
  error_line_in_use = kErrorBase + 0x3FFF0042,
  error_line_nreserved = kErrorBase + 0x3FFF0043,
  error_nsup_mode = kErrorBase + 0x3FFF0046,
  error_srq_noccurred = kErrorBase + 0x3FFF004A,
  error_inv_space = kErrorBase + 0x3FFF004E,
  error_inv_offset = kErrorBase + 0x3FFF0051,
  error_inv_width = kErrorBase + 0x3FFF0052,
  error_nsup_offset = kErrorBase + 0x3FFF0054,
  error_nsup_var_width = kErrorBase + 0x3FFF0055,
  error_window_nmapped = kErrorBase + 0x3FFF0057,
  error_resp_pending = kErrorBase + 0x3FFF0059,
  error_nlisteners = kErrorBase + 0x3FFF005F,
  error_ncic = kErrorBase + 0x3FFF0060,
  error_nsys_cntlr = kErrorBase + 0x3FFF0061,
  error_nsup_oper = kErrorBase + 0x3FFF0067,
  error_intr_pending = kErrorBase + 0x3FFF0068,
  error_asrl_parity = kErrorBase + 0x3FFF006A,
  error_asrl_framing = kErrorBase + 0x3FFF006B,
  error_asrl_overrun = kErrorBase + 0x3FFF006C,
  error_trig_nmapped = kErrorBase + 0x3FFF006E,
  error_nsup_align_offset = kErrorBase + 0x3FFF0070,
  error_user_buf = kErrorBase + 0x3FFF0071,
  error_rsrc_busy = kErrorBase + 0x3FFF0072,
  error_nsup_width = kErrorBase + 0x3FFF0076,
  error_inv_parameter = kErrorBase + 0x3FFF0078,
  error_inv_prot = kErrorBase + 0x3FFF0079,
  error_inv_size = kErrorBase + 0x3FFF007B,
  error_window_mapped = kErrorBase + 0x3FFF0080,
  error_nimpl_oper = kErrorBase + 0x3FFF0081,
  error_inv_length = kErrorBase + 0x3FFF0083,
  error_inv_mode = kErrorBase + 0x3FFF0091,
  error_sesn_nlocked = kErrorBase + 0x3FFF009C,
  error_mem_nshared = kErrorBase + 0x3FFF009D,
  error_library_nfound = kErrorBase + 0x3FFF009E,
  error_nsup_intr = kErrorBase + 0x3FFF009F,
  error_inv_line = kErrorBase + 0x3FFF00A0,
  error_file_access = kErrorBase + 0x3FFF00A1,
  error_file_io = kErrorBase + 0x3FFF00A2,
  error_nsup_line = kErrorBase + 0x3FFF00A3,
  error_nsup_mech = kErrorBase + 0x3FFF00A4,
  error_intf_num_nconfig = kErrorBase + 0x3FFF00A5,
  error_conn_lost = kErrorBase + 0x3FFF00A6,
  error_machine_navail = kErrorBase + 0x3FFF00A7,
  error_npermission = kErrorBase + 0x3FFF00A8,
  error_server_cert = kErrorBase + 0x3FFF00B0,
  error_server_cert_untrusted = kErrorBase + 0x3FFF00B1,
  error_server_cert_expired = kErrorBase + 0x3FFF00B2,
  error_server_cert_revoked = kErrorBase + 0x3FFF00B3,
  error_server_cert_inv_subject = kErrorBase + 0x3FFF00B4,
  error_hw_ngenuine = kErrorBase + 0x3FFF00AA,
};

/// The number the C API returns for `status`.
constexpr std::int32_t code(Status status) noexcept {
  return static_cast<std::int32_t>(status);
}

/// True for errors only: completions and warnings carry a result.
constexpr bool failed(Status status) noexcept {
  return code(status) < 0;
}

/// True for success, completions and warnings.
constexpr bool ok(Status status) noexcept {
  return code(status) >= 0;
}

}  // namespace visa
