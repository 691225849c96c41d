import type { Operation, OperationClass } from '../../model/operation.js';

/** Function codes of the Modbus Application Protocol V1.1b3, section 6, and those that vendors use. */
export const FUNCTION = {
  READ_COILS: 1,
  READ_DISCRETE_INPUTS: 2,
  READ_HOLDING_REGISTERS: 3,
  READ_INPUT_REGISTERS: 4,
  WRITE_SINGLE_COIL: 5,
  WRITE_SINGLE_REGISTER: 6,
  READ_EXCEPTION_STATUS: 7,
  DIAGNOSTICS: 8,
  GET_COMM_EVENT_COUNTER: 11,
  GET_COMM_EVENT_LOG: 12,
  WRITE_MULTIPLE_COILS: 15,
  WRITE_MULTIPLE_REGISTERS: 16,
  REPORT_SERVER_ID: 17,
  READ_FILE_RECORD: 20,
  WRITE_FILE_RECORD: 21,
  MASK_WRITE_REGISTER: 22,
  READ_WRITE_MULTIPLE_REGISTERS: 23,
  READ_FIFO_QUEUE: 24,
  ENCAPSULATED_INTERFACE_TRANSPORT: 43,
  UMAS: 90,
} as const;

export const MEI = { CANOPEN: 13, READ_DEVICE_IDENTIFICATION: 14 } as const;

export const DIAGNOSTIC = { RESTART_COMMUNICATIONS: 1, FORCE_LISTEN_ONLY: 4, CLEAR_COUNTERS: 10 } as const;

const FUNCTION_NAMES: Readonly<Record<number, readonly [string, OperationClass]>> = {
  1: ['read_coils', 'read'],
  2: ['read_discrete_inputs', 'read'],
  3: ['read_holding_registers', 'read'],
  4: ['read_input_registers', 'read'],
  5: ['write_single_coil', 'write'],
  6: ['write_single_register', 'write'],
  7: ['read_exception_status', 'diagnose'],
  8: ['diagnostics', 'diagnose'],
  9: ['program_484', 'program'],
  10: ['poll_484', 'program'],
  11: ['get_comm_event_counter', 'diagnose'],
  12: ['get_comm_event_log', 'diagnose'],
  13: ['program_controller', 'program'],
  14: ['poll_controller', 'program'],
  15: ['write_multiple_coils', 'write'],
  16: ['write_multiple_registers', 'write'],
  17: ['report_server_id', 'identify'],
  18: ['program_884', 'program'],
  19: ['reset_comm_link_884', 'control'],
  20: ['read_file_record', 'read'],
  21: ['write_file_record', 'write'],
  22: ['mask_write_register', 'write'],
  23: ['read_write_multiple_registers', 'write'],
  24: ['read_fifo_queue', 'read'],
  40: ['program_concept', 'program'],
  41: ['firmware_replacement_legacy', 'program'],
  42: ['program_584_984', 'program'],
  43: ['encapsulated_interface_transport', 'diagnose'],
  90: ['umas', 'program'],
  91: ['object_messaging', 'program'],
  125: ['firmware_replacement', 'program'],
  126: ['program_584_984_2', 'program'],
  127: ['report_local_address', 'program'],
};

/** Functions of the specification whose shape we know; a probe on an unknown port accepts only these. */
export function isKnownFunction(functionCode: number): boolean {
  return FUNCTION_NAMES[functionCode] !== undefined;
}

export function functionName(functionCode: number): string {
  return FUNCTION_NAMES[functionCode]?.[0] ?? 'unknown';
}

/** V1.1b3 section 7; 7 is from the older specification. */
export const EXCEPTION_NAMES: Readonly<Record<number, string>> = {
  1: 'illegal_function',
  2: 'illegal_data_address',
  3: 'illegal_data_value',
  4: 'server_device_failure',
  5: 'acknowledge',
  6: 'server_device_busy',
  7: 'negative_acknowledge',
  8: 'memory_parity_error',
  10: 'gateway_path_unavailable',
  11: 'gateway_target_device_failed_to_respond',
};

/** V1.1b3 section 6.8. */
const DIAGNOSTIC_NAMES: Readonly<Record<number, readonly [string, OperationClass]>> = {
  0: ['return_query_data', 'diagnose'],
  1: ['restart_communications_option', 'control'],
  2: ['return_diagnostic_register', 'diagnose'],
  3: ['change_ascii_input_delimiter', 'control'],
  4: ['force_listen_only_mode', 'control'],
  10: ['clear_counters_and_diagnostic_register', 'control'],
  11: ['return_bus_message_count', 'diagnose'],
  12: ['return_bus_communication_error_count', 'diagnose'],
  13: ['return_bus_exception_error_count', 'diagnose'],
  14: ['return_server_message_count', 'diagnose'],
  15: ['return_server_no_response_count', 'diagnose'],
  16: ['return_server_nak_count', 'diagnose'],
  17: ['return_server_busy_count', 'diagnose'],
  18: ['return_bus_character_overrun_count', 'diagnose'],
  20: ['clear_overrun_counter_and_flag', 'control'],
};

/** Schneider's UMAS inside function 90, as far as it is publicly known. */
const UMAS_NAMES: Readonly<Record<number, readonly [string, OperationClass]>> = {
  1: ['init_communication', 'session'],
  2: ['read_id', 'identify'],
  3: ['read_project_info', 'identify'],
  4: ['read_plc_info', 'identify'],
  6: ['read_card_info', 'identify'],
  10: ['repeat', 'diagnose'],
  16: ['take_plc_reservation', 'control'],
  17: ['release_plc_reservation', 'session'],
  18: ['keep_alive', 'session'],
  32: ['read_memory_block', 'read'],
  34: ['read_variables', 'read'],
  35: ['write_variables', 'write'],
  36: ['read_coils_registers', 'read'],
  37: ['write_coils_registers', 'write'],
  48: ['initialize_download', 'program'],
  49: ['download_block', 'program'],
  50: ['end_download', 'program'],
  51: ['initialize_upload', 'program'],
  52: ['upload_block', 'program'],
  53: ['end_upload', 'program'],
  57: ['read_ethernet_master_data', 'read'],
  64: ['start_plc', 'control'],
  65: ['stop_plc', 'control'],
  80: ['monitor_plc', 'read'],
  88: ['check_plc', 'diagnose'],
  112: ['read_io_object', 'read'],
  113: ['write_io_object', 'write'],
  115: ['get_status_module', 'diagnose'],
};

export function diagnosticName(subfunction: number): string {
  return DIAGNOSTIC_NAMES[subfunction]?.[0] ?? 'reserved';
}

/** UMAS answers carry 0xfe (done) or 0xfd (error) in the function's place. */
export function umasFunctionName(functionCode: number): string {
  if (functionCode === 0xfe) return 'ok';
  if (functionCode === 0xfd) return 'error';
  return UMAS_NAMES[functionCode]?.[0] ?? 'unknown';
}

function title(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const operations: Operation[] = [];

function operation(name: string, operationClass: OperationClass, functionName: string, words = title(name)): Operation {
  const made: Operation = {
    index: operations.length,
    name,
    function: functionName,
    class: operationClass,
    title: words,
  };
  operations.push(made);
  return made;
}

/** Every function code has an operation, known or not, so that none is invisible to the baseline. */
const BY_FUNCTION: readonly Operation[] = Array.from({ length: 128 }, (_, code) => {
  const known = FUNCTION_NAMES[code];
  // An undocumented function can do anything: it is judged like the ones that change the device's program.
  return known
    ? operation(known[0], known[1], known[0])
    : operation(`function_${code}`, 'program', 'unknown', `Undocumented function ${code}`);
});
const READ_DEVICE_IDENTIFICATION = operation(
  'read_device_identification',
  'identify',
  'encapsulated_interface_transport',
);
const BY_DIAGNOSTIC: readonly Operation[] = Array.from({ length: 21 }, (_, code) => {
  const known = DIAGNOSTIC_NAMES[code];
  if (!known) return BY_FUNCTION[FUNCTION.DIAGNOSTICS]!;
  return operation(`diagnostics.${known[0]}`, known[1], 'diagnostics', `Diagnostics: ${title(known[0]).toLowerCase()}`);
});
const BY_UMAS: readonly (Operation | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const known = UMAS_NAMES[code];
  return known ? operation(`umas.${known[0]}`, known[1], 'umas', `UMAS: ${title(known[0]).toLowerCase()}`) : undefined;
});

export const MODBUS_OPERATIONS: readonly Operation[] = operations;

/** `sub` is the diagnostic subfunction, the MEI type or the UMAS function; -1 where there is none. */
export function operationOf(functionCode: number, sub: number): Operation {
  switch (functionCode) {
    case FUNCTION.DIAGNOSTICS:
      return BY_DIAGNOSTIC[sub] ?? BY_FUNCTION[FUNCTION.DIAGNOSTICS]!;
    case FUNCTION.ENCAPSULATED_INTERFACE_TRANSPORT:
      return sub === MEI.READ_DEVICE_IDENTIFICATION ? READ_DEVICE_IDENTIFICATION : BY_FUNCTION[functionCode]!;
    case FUNCTION.UMAS:
      return BY_UMAS[sub] ?? BY_FUNCTION[FUNCTION.UMAS]!;
    default:
      return BY_FUNCTION[functionCode]!;
  }
}
