import type { Rejection } from '../dissector.js';

/** Return code of one item of data. */
const RETURN_CODE_NAMES: Readonly<Record<number, string>> = {
  0: 'reserved',
  1: 'hardware_error',
  3: 'access_not_allowed',
  5: 'invalid_address',
  6: 'data_type_not_supported',
  7: 'data_type_inconsistent',
  10: 'object_does_not_exist',
  255: 'success',
};

export const SUCCESS = 0xff;

export function returnCodeName(code: number): string {
  return RETURN_CODE_NAMES[code] ?? 'unknown';
}

const RETURN_CODE_REJECTIONS: Readonly<Record<number, Rejection>> = {
  0: 'none',
  5: 'bad_address',
  6: 'bad_value',
  7: 'bad_value',
  10: 'bad_address',
  255: 'none',
};

/** 0x00 in a request means nothing; in an answer it is no success of its own either, but no refusal. */
export function returnCodeRejection(code: number): Rejection {
  return RETURN_CODE_REJECTIONS[code] ?? 'failed';
}

/**
 * Error class and code of an answer's header as one number, and the error code of userdata; those of the S7 manuals
 * ("error codes of system functions and of the PG interface") that name a cause of their own.
 */
const ERROR_NAMES: Readonly<Record<number, string>> = {
  0: 'no_error',
  272: 'invalid_block_number',
  273: 'invalid_request_length',
  274: 'invalid_parameter',
  275: 'invalid_block_type',
  276: 'block_not_found',
  277: 'block_already_exists',
  278: 'block_write_protected',
  279: 'block_too_large',
  280: 'invalid_block_number',
  281: 'wrong_password',
  282: 'pg_resource_error',
  283: 'plc_resource_error',
  284: 'protocol_error',
  285: 'too_many_blocks',
  286: 'connection_lost',
  287: 'result_buffer_too_small',
  288: 'end_of_block_list',
  320: 'insufficient_memory',
  321: 'lack_of_resources',
  32769: 'not_possible_in_block_state',
  32771: 'block_transfer_error',
  33024: 'service_unknown',
  33028: 'service_not_implemented',
  33284: 'inconsistent_object_type',
  33285: 'block_exists_unlinked',
  33537: 'insufficient_memory',
  33538: 'too_few_resources',
  33540: 'no_further_parallel_upload',
  33541: 'function_not_available',
  33542: 'insufficient_work_memory',
  33543: 'insufficient_retentive_memory',
  33793: 'invalid_service_sequence',
  33794: 'not_possible_in_object_state',
  33796: 'function_cannot_be_performed',
  33797: 'remote_block_disabled',
  34048: 'wrong_frame',
  34051: 'service_cancelled_by_module',
  34561: 'address_error',
  34562: 'service_not_supported',
  34563: 'access_refused',
  34564: 'object_damaged',
  53249: 'illegal_job_number',
  53250: 'illegal_job_variant',
  53251: 'debugging_not_supported',
  53252: 'illegal_job_status',
  53253: 'illegal_job_termination',
  53258: 'illegal_trigger_event',
  53265: 'block_does_not_exist',
  53266: 'wrong_address_in_block',
  53269: 'illegal_tag_address',
  53297: 'internal_protocol_error',
  53298: 'wrong_result_buffer_length',
  53299: 'wrong_job_length',
  53311: 'parameter_coding_error',
  53313: 'illegal_szl_id',
  53314: 'illegal_tag_address',
  53315: 'job_not_found',
  53316: 'illegal_tag_value',
  53343: 'data_coding_error',
  53345: 'no_memory_for_job',
  53346: 'job_list_full',
  53347: 'trigger_event_occupied',
  53348: 'no_memory_for_result',
  53377: 'not_permitted_in_current_mode',
  53378: 'cannot_exit_hold',
  53409: 'not_permitted_at_protection_level',
  53410: 'memory_function_running',
  53412: 'forcing_already_established',
  53413: 'job_not_found',
  53418: 'time_limit_exceeded',
  53419: 'invalid_job_parameters',
  53420: 'invalid_job_data',
  53421: 'mode_already_set',
  53422: 'job_of_another_connection',
  53441: 'tag_access_error',
  53442: 'change_to_stop_or_hold',
  53761: 'syntax_error_in_block_name',
  53762: 'syntax_error_in_parameters',
  53765: 'linked_block_in_ram',
  53766: 'linked_block_in_eprom',
  53769: 'block_not_found',
  53772: 'no_priority_class_for_ob',
  53773: 'sdb_not_interpretable',
  53774: 'no_further_block',
  53775: 'block_too_large',
  53776: 'invalid_block_number',
  53782: 'invalid_user_program',
  53783: 'protection_level_not_permitted',
  53784: 'incorrect_attribute',
  53785: 'incorrect_block_length',
  53792: 'invalid_programming_language',
  53793: 'invalid_connection_data',
  53822: 'block_header_inconsistent',
  53824: 'coordination_rules_violated',
  53825: 'not_permitted_at_protection_level',
  53826: 'f_block_protection_violated',
  53840: 'module_version_mismatch',
  53842: 'checksum_error',
  53888: 'block_compilation_error',
  53921: 'block_function_active',
  53922: 'trigger_active_on_block',
  53923: 'block_not_active',
  53924: 'block_in_use',
  54273: 'information_unavailable',
  54274: 'information_unavailable',
  54275: 'already_logged_on_or_off',
  54276: 'too_many_logons',
  54277: 'syntax_error_in_parameters',
  54278: 'information_currently_unavailable',
  54279: 'diagnostics_error',
  54280: 'update_aborted',
  54281: 'dp_bus_error',
  54785: 'syntax_error_in_parameters',
  54786: 'wrong_password',
  54787: 'already_legitimised',
  54788: 'already_enabled',
  54789: 'no_password_set',
  55297: 'invalid_tag_address',
  55298: 'job_does_not_exist',
  55299: 'illegal_job_status',
  55300: 'illegal_cycle_time',
  55301: 'too_many_cyclic_jobs',
  55302: 'job_in_wrong_state',
  55303: 'aborted_by_overload',
  56321: 'invalid_date_or_time',
  57857: 'already_master',
  61185: 'illegal_id_in_job',
  61186: 'resources_do_not_exist',
};

const ERROR_CLASS_NAMES: Readonly<Record<number, string>> = {
  129: 'application_relationship',
  130: 'object_definition',
  131: 'no_resources_available',
  132: 'service_processing',
  133: 'supplies',
  135: 'access',
};

/** `error` is class and code in one, big endian. */
export function errorName(error: number): string {
  return ERROR_NAMES[error] ?? ERROR_CLASS_NAMES[error >> 8] ?? 'unknown';
}

const ERROR_REJECTIONS: Readonly<Record<number, Rejection>> = {
  272: 'bad_address',
  275: 'bad_address',
  276: 'bad_address',
  33024: 'unsupported_operation',
  33028: 'unsupported_operation',
  33541: 'unsupported_operation',
  34048: 'bad_value',
  34561: 'bad_address',
  34562: 'unsupported_operation',
  53251: 'unsupported_operation',
  53265: 'bad_address',
  53313: 'bad_address',
  53314: 'bad_address',
  53769: 'bad_address',
  54273: 'bad_address',
  54274: 'bad_address',
  54277: 'unsupported_operation',
  55297: 'bad_address',
};

/** No resources, and jobs that occupy them. */
const BUSY = /^0x(83|d06|d2a)/;

export function errorRejection(error: number): Rejection {
  if (error === 0) return 'none';
  return ERROR_REJECTIONS[error] ?? (BUSY.test(`0x${error.toString(16)}`) ? 'busy' : 'failed');
}
