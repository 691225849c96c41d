import type { Operation, OperationClass } from '../../model/operation.js';

/** Second byte of the header: what kind of message it is. */
export const ROSCTR = { JOB: 1, ACK: 2, ACK_DATA: 3, USERDATA: 7 } as const;

export const ROSCTR_NAMES: Readonly<Record<number, string>> = { 1: 'job', 2: 'ack', 3: 'ack_data', 7: 'userdata' };

/** First byte of the parameters of jobs and their answers. */
export const FUNCTION = {
  CPU_SERVICES: 0x00,
  READ_VAR: 0x04,
  WRITE_VAR: 0x05,
  REQUEST_DOWNLOAD: 0x1a,
  DOWNLOAD_BLOCK: 0x1b,
  DOWNLOAD_ENDED: 0x1c,
  START_UPLOAD: 0x1d,
  UPLOAD: 0x1e,
  END_UPLOAD: 0x1f,
  PI_SERVICE: 0x28,
  PLC_STOP: 0x29,
  SETUP: 0xf0,
} as const;

/** Upper half of the type byte of userdata. NC controllers have types of their own with the same meaning. */
export const USERDATA_TYPE = { PUSH: 0, REQUEST: 4, RESPONSE: 8, NC_PUSH: 3, NC_REQUEST: 7, NC_RESPONSE: 11 } as const;

export const GROUP = {
  MODE: 0,
  PROGRAMMER: 1,
  CYCLIC: 2,
  BLOCK: 3,
  CPU: 4,
  SECURITY: 5,
  PBC: 6,
  TIME: 7,
  NC: 15,
} as const;

type Named = readonly [name: string, operationClass: OperationClass, title?: string];

const FUNCTIONS: Readonly<Record<number, Named>> = {
  0: ['cpu_services', 'diagnose', 'CPU services'],
  4: ['read_var', 'read', 'Read variables'],
  5: ['write_var', 'write', 'Write variables'],
  26: ['request_download', 'program', 'Begin to load a block into the controller'],
  27: ['download_block', 'program', 'Load a block into the controller'],
  28: ['download_ended', 'program', 'Finish loading a block into the controller'],
  // What leaves the controller changes nothing in it, but it is the program: only an engineering station does this.
  29: ['start_upload', 'program', 'Begin to copy a block from the controller'],
  30: ['upload', 'program', 'Copy a block from the controller'],
  31: ['end_upload', 'program', 'Finish copying a block from the controller'],
  40: ['pi_service', 'control', 'Other program invocation service'],
  41: ['plc_stop', 'control', 'Stop the controller'],
  240: ['setup_communication', 'session', 'Set up communication'],
};

/** By the service's name; `P_PROGRAM` starts the controller, warm or, with the argument `C`, cold. */
const PI_SERVICES: Readonly<Record<string, Named>> = {
  P_PROGRAM: ['plc_hot_start', 'control', 'Start the controller (warm restart)'],
  'P_PROGRAM C': ['plc_cold_start', 'control', 'Start the controller (cold restart)'],
  _INSE: ['insert_block', 'program', 'Put a loaded block into operation'],
  _INS2: ['insert_block', 'program'],
  _DELE: ['delete_block', 'program', 'Delete a block'],
  _GARB: ['compress_memory', 'control', 'Compress the memory of the controller'],
  _MODU: ['copy_ram_to_rom', 'program', 'Copy RAM to ROM'],
  _PLC_MEMORYRESET: ['memory_reset_service', 'control', 'Reset the memory of the controller'],
  _N_LOGIN_: ['nc_login', 'session', 'NC: log in'],
  _N_LOGOUT: ['nc_logout', 'session', 'NC: log out'],
  _N_NEWPWD: ['nc_new_password', 'program', 'NC: change a password'],
  _N_SELECT: ['nc_select_program', 'control', 'NC: select a program'],
};
const NC_SERVICE: Named = ['nc_service', 'program', 'NC: other service'];

const GROUPS: Readonly<Record<number, Named>> = {
  0: ['mode_transition', 'diagnose', 'Mode transition'],
  1: ['programmer_commands', 'program', 'Programmer command'],
  2: ['cyclic_services', 'read', 'Cyclic service'],
  3: ['block_functions', 'program', 'Block function'],
  4: ['cpu_functions', 'diagnose', 'CPU function'],
  5: ['security', 'session', 'Security function'],
  6: ['pbc_bsend', 'write', 'Send a block of data (BSEND)'],
  7: ['time_functions', 'write', 'Clock function'],
  15: ['nc_programming', 'program', 'NC programming function'],
};

/** Subfunctions of the groups above. */
const SUBFUNCTIONS: Readonly<Record<number, Readonly<Record<number, Named>>>> = {
  0: {
    0: ['stop', 'diagnose', 'Controller tells that it stopped'],
    1: ['warm_restart', 'diagnose', 'Controller tells of a warm restart'],
    2: ['run', 'diagnose', 'Controller tells that it runs'],
    3: ['hot_restart', 'diagnose', 'Controller tells of a hot restart'],
    4: ['hold', 'diagnose', 'Controller tells that it holds'],
    6: ['cold_restart', 'diagnose', 'Controller tells of a cold restart'],
    9: ['run_redundant', 'diagnose', 'Controller tells that it runs redundantly'],
    11: ['link_up', 'diagnose', 'Controller tells that its partner connects'],
    12: ['update', 'diagnose', 'Controller tells that its partner is updated'],
  },
  1: {
    1: ['block_status', 'diagnose', 'Watch a block run'],
    2: ['variable_status', 'read', 'Watch variables'],
    3: ['output_istack', 'diagnose', 'Read the interrupt stack'],
    4: ['output_bstack', 'diagnose', 'Read the block stack'],
    5: ['output_lstack', 'diagnose', 'Read the local data stack'],
    6: ['time_measurement', 'diagnose', 'Measure run time'],
    7: ['force_selection', 'diagnose', 'List what is forced'],
    8: ['modify_variable', 'write', 'Modify variables'],
    9: ['force', 'control', 'Force variables'],
    10: ['breakpoint', 'control', 'Set a breakpoint'],
    11: ['exit_hold', 'control', 'Leave HOLD'],
    12: ['memory_reset', 'control', 'Reset the memory'],
    13: ['disable_job', 'diagnose', 'Disable a test job'],
    14: ['enable_job', 'diagnose', 'Enable a test job'],
    15: ['delete_job', 'diagnose', 'Delete a test job'],
    16: ['read_job_list', 'diagnose', 'List the test jobs'],
    17: ['read_job', 'diagnose', 'Read a test job'],
    18: ['replace_job', 'diagnose', 'Replace a test job'],
    19: ['block_status_2', 'diagnose', 'Watch a block run'],
    22: ['flash_led', 'identify', 'Flash the LED'],
  },
  2: {
    1: ['cyclic_transfer', 'read', 'Cyclic reading'],
    4: ['unsubscribe', 'session', 'End cyclic reading'],
    5: ['change_driven_transfer', 'read', 'Reading on change'],
    7: ['change_driven_transfer_modify', 'read', 'Change what is read on change'],
    8: ['read_record', 'read', 'Read a data record'],
  },
  3: {
    1: ['list_blocks', 'diagnose', 'List the blocks'],
    2: ['list_blocks_of_type', 'diagnose', 'List the blocks of a type'],
    3: ['get_block_info', 'diagnose', 'Read the header of a block'],
  },
  4: {
    1: ['read_szl', 'identify', 'Read a system status list'],
    2: ['message_service', 'session', 'Subscribe to messages of the controller'],
    3: ['diagnostic_message', 'diagnose', 'Diagnostic message'],
    5: ['alarm_8_indication', 'diagnose', 'Alarm (ALARM_8)'],
    6: ['notify_indication', 'diagnose', 'Message (NOTIFY)'],
    7: ['alarm_8_lock', 'control', 'Lock alarms'],
    8: ['alarm_8_unlock', 'control', 'Unlock alarms'],
    9: ['scan_indication', 'diagnose', 'Message (SCAN)'],
    11: ['alarm_ack', 'write', 'Acknowledge an alarm'],
    12: ['alarm_ack_indication', 'diagnose', 'An alarm was acknowledged'],
    13: ['alarm_lock_indication', 'diagnose', 'Alarms were locked'],
    14: ['alarm_unlock_indication', 'diagnose', 'Alarms were unlocked'],
    16: ['ar_send_indication', 'diagnose', 'Archive data (AR_SEND)'],
    17: ['alarm_sq_indication', 'diagnose', 'Alarm (ALARM_SQ)'],
    18: ['alarm_s_indication', 'diagnose', 'Alarm (ALARM_S)'],
    19: ['alarm_query', 'diagnose', 'Ask for pending alarms'],
    22: ['notify_8_indication', 'diagnose', 'Message (NOTIFY_8)'],
  },
  5: {
    1: ['set_password', 'session', 'Hand over the password'],
    2: ['clear_password', 'session', 'Give up what the password allowed'],
  },
  6: {},
  7: {
    1: ['read_clock', 'diagnose', 'Read the clock'],
    2: ['set_clock', 'control', 'Set the clock'],
    3: ['read_clock_following', 'diagnose', 'Read the clock'],
    4: ['set_clock_2', 'control', 'Set the clock'],
  },
  15: {
    1: ['nc_request_download', 'program', 'NC: begin to load a program'],
    2: ['nc_download_block', 'program', 'NC: load a program'],
    3: ['nc_continue_download', 'program', 'NC: go on loading a program'],
    4: ['nc_download_ended', 'program', 'NC: finish loading a program'],
    6: ['nc_start_upload', 'program', 'NC: begin to copy a program'],
    7: ['nc_upload', 'program', 'NC: copy a program'],
    8: ['nc_continue_upload', 'program', 'NC: go on copying a program'],
  },
};

/** Names of record fields where they differ from the operation's: one function of the protocol, two numbers. */
const SUBFUNCTION_NAMES: Readonly<Record<string, string>> = {
  block_status_2: 'block_status_v2',
  set_clock_2: 'set_clock',
  set_password: 'plc_password',
};

const operations: Operation[] = [];

function operation([name, operationClass, title]: Named, functionName: string): Operation {
  const known = operations.find((made) => made.name === name);
  if (known) return known;
  const made: Operation = {
    index: operations.length,
    name,
    function: functionName,
    class: operationClass,
    title: title ?? name,
  };
  operations.push(made);
  return made;
}

/** Every function code has an operation, known or not, so that none is invisible to the baseline. */
const BY_FUNCTION: readonly Operation[] = Array.from({ length: 256 }, (_, code) => {
  const known = FUNCTIONS[code];
  if (known) return operation(known, known[0]);
  // An undocumented function can do anything: it is judged like the ones that change the device's program.
  return operation([`function_${code}`, 'program', `Undocumented function ${code}`], 'unknown');
});
const BY_PI_SERVICE: ReadonlyMap<string, Operation> = new Map(
  Object.entries(PI_SERVICES).map(([service, named]) => [service, operation(named, 'pi_service')]),
);
const BY_NC_SERVICE = operation(NC_SERVICE, 'pi_service');
/** Userdata has no function code: its record's `function` does not exist. */
const BY_GROUP: readonly Operation[] = Array.from({ length: 16 }, (_, group) =>
  operation(GROUPS[group] ?? [`userdata_${group}`, 'program', `Undocumented userdata ${group}`], ''),
);
const BY_SUBFUNCTION: readonly (readonly (Operation | undefined)[])[] = Array.from({ length: 16 }, (_, group) => {
  const named = SUBFUNCTIONS[group] ?? {};
  const found: (Operation | undefined)[] = new Array<Operation | undefined>(32).fill(undefined);
  for (const [code, each] of Object.entries(named)) {
    // The controller telling its mode is one operation, whatever the mode.
    found[Number(code)] = group === GROUP.MODE ? BY_GROUP[GROUP.MODE] : operation(each, '');
  }
  return found;
});
export const UNKNOWN_MESSAGE = operation(['unknown_message', 'program', 'Message of an undocumented type'], '');

export const S7COMM_OPERATIONS: readonly Operation[] = operations;

export function functionName(code: number): string {
  return FUNCTIONS[code]?.[0] ?? 'unknown';
}

export function isKnownFunction(code: number): boolean {
  return FUNCTIONS[code] !== undefined;
}

export function groupName(group: number): string {
  return GROUPS[group]?.[0] ?? 'unknown';
}

export function subfunctionName(group: number, subfunction: number): string {
  const name = SUBFUNCTIONS[group]?.[subfunction]?.[0] ?? 'unknown';
  return SUBFUNCTION_NAMES[name] ?? name;
}

export function jobOperation(code: number): Operation {
  return BY_FUNCTION[code]!;
}

/** `service` as sent; `argument` tells a cold start from a warm one. */
export function piOperation(service: string, argument: string): Operation {
  if (service === 'P_PROGRAM' && argument.trim() === 'C') return BY_PI_SERVICE.get('P_PROGRAM C')!;
  const known = BY_PI_SERVICE.get(service);
  if (known) return known;
  return service.startsWith('_N_') ? BY_NC_SERVICE : BY_FUNCTION[FUNCTION.PI_SERVICE]!;
}

export function userdataOperation(group: number, subfunction: number): Operation {
  return BY_SUBFUNCTION[group]?.[subfunction] ?? BY_GROUP[group]!;
}
