// SPDX-License-Identifier: MIT
// Every status code: enumerator, header and fact sheet agree, and each has a sentence for the user.
#include "lib/model/status_table.h"

#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <set>
#include <string>

#include "conformance/unit/lib/model/spec_sheet.h"

namespace visa::model {
namespace {

struct HeaderCode {
  Status status;
  ViStatus code;
  std::string_view name;
};

#define FREEVISA_CODE(enumerator, macro) \
  { Status::enumerator, macro, #macro }
constexpr HeaderCode kHeader[] = {
    FREEVISA_CODE(success, VI_SUCCESS),
    FREEVISA_CODE(success_event_en, VI_SUCCESS_EVENT_EN),
    FREEVISA_CODE(success_event_dis, VI_SUCCESS_EVENT_DIS),
    FREEVISA_CODE(success_queue_empty, VI_SUCCESS_QUEUE_EMPTY),
    FREEVISA_CODE(success_term_char, VI_SUCCESS_TERM_CHAR),
    FREEVISA_CODE(success_max_cnt, VI_SUCCESS_MAX_CNT),
    FREEVISA_CODE(success_dev_npresent, VI_SUCCESS_DEV_NPRESENT),
    FREEVISA_CODE(success_trig_mapped, VI_SUCCESS_TRIG_MAPPED),
    FREEVISA_CODE(success_queue_nempty, VI_SUCCESS_QUEUE_NEMPTY),
    FREEVISA_CODE(success_nchain, VI_SUCCESS_NCHAIN),
    FREEVISA_CODE(success_nested_shared, VI_SUCCESS_NESTED_SHARED),
    FREEVISA_CODE(success_nested_exclusive, VI_SUCCESS_NESTED_EXCLUSIVE),
    FREEVISA_CODE(success_sync, VI_SUCCESS_SYNC),
    FREEVISA_CODE(warn_queue_overflow, VI_WARN_QUEUE_OVERFLOW),
    FREEVISA_CODE(warn_config_nloaded, VI_WARN_CONFIG_NLOADED),
    FREEVISA_CODE(warn_null_object, VI_WARN_NULL_OBJECT),
    FREEVISA_CODE(warn_nsup_attr_state, VI_WARN_NSUP_ATTR_STATE),
    FREEVISA_CODE(warn_unknown_status, VI_WARN_UNKNOWN_STATUS),
    FREEVISA_CODE(warn_nsup_buf, VI_WARN_NSUP_BUF),
    FREEVISA_CODE(warn_ext_func_nimpl, VI_WARN_EXT_FUNC_NIMPL),
    FREEVISA_CODE(warn_server_cert_untrusted, VI_WARN_SERVER_CERT_UNTRUSTED),
    FREEVISA_CODE(warn_server_cert_inv_subject, VI_WARN_SERVER_CERT_INV_SUBJECT),
    FREEVISA_CODE(error_system_error, VI_ERROR_SYSTEM_ERROR),
    FREEVISA_CODE(error_inv_object, VI_ERROR_INV_OBJECT),
    FREEVISA_CODE(error_inv_session, VI_ERROR_INV_SESSION),
    FREEVISA_CODE(error_rsrc_locked, VI_ERROR_RSRC_LOCKED),
    FREEVISA_CODE(error_inv_expr, VI_ERROR_INV_EXPR),
    FREEVISA_CODE(error_rsrc_nfound, VI_ERROR_RSRC_NFOUND),
    FREEVISA_CODE(error_inv_rsrc_name, VI_ERROR_INV_RSRC_NAME),
    FREEVISA_CODE(error_inv_acc_mode, VI_ERROR_INV_ACC_MODE),
    FREEVISA_CODE(error_tmo, VI_ERROR_TMO),
    FREEVISA_CODE(error_closing_failed, VI_ERROR_CLOSING_FAILED),
    FREEVISA_CODE(error_inv_degree, VI_ERROR_INV_DEGREE),
    FREEVISA_CODE(error_inv_job_id, VI_ERROR_INV_JOB_ID),
    FREEVISA_CODE(error_nsup_attr, VI_ERROR_NSUP_ATTR),
    FREEVISA_CODE(error_nsup_attr_state, VI_ERROR_NSUP_ATTR_STATE),
    FREEVISA_CODE(error_attr_readonly, VI_ERROR_ATTR_READONLY),
    FREEVISA_CODE(error_inv_lock_type, VI_ERROR_INV_LOCK_TYPE),
    FREEVISA_CODE(error_inv_access_key, VI_ERROR_INV_ACCESS_KEY),
    FREEVISA_CODE(error_inv_event, VI_ERROR_INV_EVENT),
    FREEVISA_CODE(error_inv_mech, VI_ERROR_INV_MECH),
    FREEVISA_CODE(error_hndlr_ninstalled, VI_ERROR_HNDLR_NINSTALLED),
    FREEVISA_CODE(error_inv_hndlr_ref, VI_ERROR_INV_HNDLR_REF),
    FREEVISA_CODE(error_inv_context, VI_ERROR_INV_CONTEXT),
    FREEVISA_CODE(error_queue_overflow, VI_ERROR_QUEUE_OVERFLOW),
    FREEVISA_CODE(error_nenabled, VI_ERROR_NENABLED),
    FREEVISA_CODE(error_abort, VI_ERROR_ABORT),
    FREEVISA_CODE(error_raw_wr_prot_viol, VI_ERROR_RAW_WR_PROT_VIOL),
    FREEVISA_CODE(error_raw_rd_prot_viol, VI_ERROR_RAW_RD_PROT_VIOL),
    FREEVISA_CODE(error_outp_prot_viol, VI_ERROR_OUTP_PROT_VIOL),
    FREEVISA_CODE(error_inp_prot_viol, VI_ERROR_INP_PROT_VIOL),
    FREEVISA_CODE(error_berr, VI_ERROR_BERR),
    FREEVISA_CODE(error_in_progress, VI_ERROR_IN_PROGRESS),
    FREEVISA_CODE(error_inv_setup, VI_ERROR_INV_SETUP),
    FREEVISA_CODE(error_queue_error, VI_ERROR_QUEUE_ERROR),
    FREEVISA_CODE(error_alloc, VI_ERROR_ALLOC),
    FREEVISA_CODE(error_inv_mask, VI_ERROR_INV_MASK),
    FREEVISA_CODE(error_io, VI_ERROR_IO),
    FREEVISA_CODE(error_inv_fmt, VI_ERROR_INV_FMT),
    FREEVISA_CODE(error_nsup_fmt, VI_ERROR_NSUP_FMT),
    FREEVISA_CODE(error_line_in_use, VI_ERROR_LINE_IN_USE),
    FREEVISA_CODE(error_line_nreserved, VI_ERROR_LINE_NRESERVED),
    FREEVISA_CODE(error_nsup_mode, VI_ERROR_NSUP_MODE),
    FREEVISA_CODE(error_srq_noccurred, VI_ERROR_SRQ_NOCCURRED),
    FREEVISA_CODE(error_inv_space, VI_ERROR_INV_SPACE),
    FREEVISA_CODE(error_inv_offset, VI_ERROR_INV_OFFSET),
    FREEVISA_CODE(error_inv_width, VI_ERROR_INV_WIDTH),
    FREEVISA_CODE(error_nsup_offset, VI_ERROR_NSUP_OFFSET),
    FREEVISA_CODE(error_nsup_var_width, VI_ERROR_NSUP_VAR_WIDTH),
    FREEVISA_CODE(error_window_nmapped, VI_ERROR_WINDOW_NMAPPED),
    FREEVISA_CODE(error_resp_pending, VI_ERROR_RESP_PENDING),
    FREEVISA_CODE(error_nlisteners, VI_ERROR_NLISTENERS),
    FREEVISA_CODE(error_ncic, VI_ERROR_NCIC),
    FREEVISA_CODE(error_nsys_cntlr, VI_ERROR_NSYS_CNTLR),
    FREEVISA_CODE(error_nsup_oper, VI_ERROR_NSUP_OPER),
    FREEVISA_CODE(error_intr_pending, VI_ERROR_INTR_PENDING),
    FREEVISA_CODE(error_asrl_parity, VI_ERROR_ASRL_PARITY),
    FREEVISA_CODE(error_asrl_framing, VI_ERROR_ASRL_FRAMING),
    FREEVISA_CODE(error_asrl_overrun, VI_ERROR_ASRL_OVERRUN),
    FREEVISA_CODE(error_trig_nmapped, VI_ERROR_TRIG_NMAPPED),
    FREEVISA_CODE(error_nsup_align_offset, VI_ERROR_NSUP_ALIGN_OFFSET),
    FREEVISA_CODE(error_user_buf, VI_ERROR_USER_BUF),
    FREEVISA_CODE(error_rsrc_busy, VI_ERROR_RSRC_BUSY),
    FREEVISA_CODE(error_nsup_width, VI_ERROR_NSUP_WIDTH),
    FREEVISA_CODE(error_inv_parameter, VI_ERROR_INV_PARAMETER),
    FREEVISA_CODE(error_inv_prot, VI_ERROR_INV_PROT),
    FREEVISA_CODE(error_inv_size, VI_ERROR_INV_SIZE),
    FREEVISA_CODE(error_window_mapped, VI_ERROR_WINDOW_MAPPED),
    FREEVISA_CODE(error_nimpl_oper, VI_ERROR_NIMPL_OPER),
    FREEVISA_CODE(error_inv_length, VI_ERROR_INV_LENGTH),
    FREEVISA_CODE(error_inv_mode, VI_ERROR_INV_MODE),
    FREEVISA_CODE(error_sesn_nlocked, VI_ERROR_SESN_NLOCKED),
    FREEVISA_CODE(error_mem_nshared, VI_ERROR_MEM_NSHARED),
    FREEVISA_CODE(error_library_nfound, VI_ERROR_LIBRARY_NFOUND),
    FREEVISA_CODE(error_nsup_intr, VI_ERROR_NSUP_INTR),
    FREEVISA_CODE(error_inv_line, VI_ERROR_INV_LINE),
    FREEVISA_CODE(error_file_access, VI_ERROR_FILE_ACCESS),
    FREEVISA_CODE(error_file_io, VI_ERROR_FILE_IO),
    FREEVISA_CODE(error_nsup_line, VI_ERROR_NSUP_LINE),
    FREEVISA_CODE(error_nsup_mech, VI_ERROR_NSUP_MECH),
    FREEVISA_CODE(error_intf_num_nconfig, VI_ERROR_INTF_NUM_NCONFIG),
    FREEVISA_CODE(error_conn_lost, VI_ERROR_CONN_LOST),
    FREEVISA_CODE(error_machine_navail, VI_ERROR_MACHINE_NAVAIL),
    FREEVISA_CODE(error_npermission, VI_ERROR_NPERMISSION),
    FREEVISA_CODE(error_server_cert, VI_ERROR_SERVER_CERT),
    FREEVISA_CODE(error_server_cert_untrusted, VI_ERROR_SERVER_CERT_UNTRUSTED),
    FREEVISA_CODE(error_server_cert_expired, VI_ERROR_SERVER_CERT_EXPIRED),
    FREEVISA_CODE(error_server_cert_revoked, VI_ERROR_SERVER_CERT_REVOKED),
    FREEVISA_CODE(error_server_cert_inv_subject, VI_ERROR_SERVER_CERT_INV_SUBJECT),
    FREEVISA_CODE(error_hw_ngenuine, VI_ERROR_HW_NGENUINE),
};
#undef FREEVISA_CODE

TEST(StatusTable, EnumeratorsAreTheNumbersOfTheHeader) {
  for (const HeaderCode& row : kHeader) {
    EXPECT_EQ(code(row.status), row.code) << row.name;
    const StatusInfo* info = find_status(static_cast<std::int32_t>(row.code));
    ASSERT_NE(info, nullptr) << row.name;
    if (row.name != "VI_ERROR_INV_SESSION") {
      EXPECT_EQ(info->name, row.name);
    }
  }
  EXPECT_EQ(status_table().size() + 1, std::size(kHeader)) << "INV_SESSION is a second name";
}

TEST(StatusTable, HoldsEveryCodeOfTheSheetAndNoOther) {
  std::set<std::string> names;
  for (const SheetRow& row : read_sheet("status_codes.tsv")) {
    const auto number = static_cast<std::int32_t>(std::stol(row.at("signed_decimal")));
    if (row.at("status").find("not VISA") != std::string::npos) {
      EXPECT_EQ(find_status(number), nullptr) << row.at("name") << " belongs to vpptype.h";
      continue;
    }
    const StatusInfo* info = find_status(number);
    ASSERT_NE(info, nullptr) << row.at("name");
    EXPECT_EQ(code(info->status), number);
    if (row.at("status") == "alias") {
      EXPECT_EQ(info->name, "VI_ERROR_INV_OBJECT");
      continue;
    }
    EXPECT_EQ(info->name, row.at("name"));
    EXPECT_EQ(failed(info->status), row.at("class") == "error") << row.at("name");
    names.insert(row.at("name"));
  }
  EXPECT_EQ(names.size(), status_table().size());
}

TEST(StatusTable, DescriptionsAreShortPlainSentencesOfTheirOwn) {
  std::set<std::string_view> seen;
  for (const StatusInfo& row : status_table()) {
    EXPECT_LT(row.description.size(), 200U) << row.name;
    EXPECT_TRUE(row.description.ends_with('.')) << row.name;
    EXPECT_TRUE(std::all_of(row.description.begin(), row.description.end(), [](char c) {
      return c >= ' ' && c <= '~';
    })) << row.name;
    EXPECT_TRUE(seen.insert(row.description).second) << row.name << " repeats another";
  }
}

TEST(StatusTable, UnknownCodesFindNothing) {
  EXPECT_EQ(find_status(1), nullptr);
  EXPECT_EQ(find_status(-1), nullptr);
  EXPECT_EQ(find_status(0x7FFFFFFF), nullptr);
  EXPECT_EQ(find_status(Status::error_tmo)->name, "VI_ERROR_TMO");
}

}  // namespace
}  // namespace visa::model
