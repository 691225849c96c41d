import type { Operation, OperationClass } from '../../model/operation.js';

/** Confirmed services by number (ISO 9506-2). */
const SERVICES: Readonly<Record<number, readonly [name: string, operationClass: OperationClass]>> = {
  0: ['status', 'diagnose'],
  1: ['get_name_list', 'read'],
  2: ['identify', 'identify'],
  3: ['rename', 'program'],
  4: ['read', 'read'],
  5: ['write', 'write'],
  6: ['get_variable_access_attributes', 'read'],
  7: ['define_named_variable', 'program'],
  8: ['define_scattered_access', 'program'],
  9: ['get_scattered_access_attributes', 'read'],
  10: ['delete_variable_access', 'program'],
  11: ['define_named_variable_list', 'write'],
  12: ['get_named_variable_list_attributes', 'read'],
  13: ['delete_named_variable_list', 'write'],
  14: ['define_named_type', 'program'],
  15: ['get_named_type_attributes', 'read'],
  16: ['delete_named_type', 'program'],
  17: ['input', 'control'],
  18: ['output', 'control'],
  19: ['take_control', 'control'],
  20: ['relinquish_control', 'control'],
  21: ['define_semaphore', 'control'],
  22: ['delete_semaphore', 'control'],
  23: ['report_semaphore_status', 'read'],
  24: ['report_pool_semaphore_status', 'read'],
  25: ['report_semaphore_entry_status', 'read'],
  26: ['initiate_download_sequence', 'program'],
  27: ['download_segment', 'program'],
  28: ['terminate_download_sequence', 'program'],
  29: ['initiate_upload_sequence', 'program'],
  30: ['upload_segment', 'program'],
  31: ['terminate_upload_sequence', 'program'],
  32: ['request_domain_download', 'program'],
  33: ['request_domain_upload', 'program'],
  34: ['load_domain_content', 'program'],
  35: ['store_domain_content', 'program'],
  36: ['delete_domain', 'program'],
  37: ['get_domain_attributes', 'read'],
  38: ['create_program_invocation', 'program'],
  39: ['delete_program_invocation', 'program'],
  40: ['start', 'control'],
  41: ['stop', 'control'],
  42: ['resume', 'control'],
  43: ['reset', 'control'],
  44: ['kill', 'control'],
  45: ['get_program_invocation_attributes', 'read'],
  46: ['obtain_file', 'program'],
  47: ['define_event_condition', 'write'],
  48: ['delete_event_condition', 'write'],
  49: ['get_event_condition_attributes', 'read'],
  50: ['report_event_condition_status', 'read'],
  51: ['alter_event_condition_monitoring', 'write'],
  52: ['trigger_event', 'control'],
  53: ['define_event_action', 'write'],
  54: ['delete_event_action', 'write'],
  55: ['get_event_action_attributes', 'read'],
  56: ['report_event_action_status', 'read'],
  57: ['define_event_enrollment', 'write'],
  58: ['delete_event_enrollment', 'write'],
  59: ['alter_event_enrollment', 'write'],
  60: ['report_event_enrollment_status', 'read'],
  61: ['get_event_enrollment_attributes', 'read'],
  62: ['acknowledge_event_notification', 'write'],
  63: ['get_alarm_summary', 'read'],
  64: ['get_alarm_enrollment_summary', 'read'],
  65: ['read_journal', 'read'],
  66: ['write_journal', 'write'],
  67: ['initialize_journal', 'write'],
  68: ['report_journal_status', 'read'],
  69: ['create_journal', 'write'],
  70: ['delete_journal', 'write'],
  71: ['get_capability_list', 'read'],
  72: ['file_open', 'read'],
  73: ['file_read', 'read'],
  74: ['file_close', 'read'],
  75: ['file_rename', 'program'],
  76: ['file_delete', 'program'],
  77: ['file_directory', 'read'],
};

const operations: Operation[] = [];

function operation(name: string, operationClass: OperationClass): Operation {
  const words = name.replaceAll('_', ' ');
  const made: Operation = {
    index: operations.length,
    name,
    function: name,
    class: operationClass,
    title: words.charAt(0).toUpperCase() + words.slice(1),
  };
  operations.push(made);
  return made;
}

const BY_NUMBER = new Map(
  Object.entries(SERVICES).map(([number, [name, operationClass]]) => [Number(number), operation(name, operationClass)]),
);

export const OPERATION = {
  associate: operation('associate', 'session'),
  release: operation('release', 'session'),
  abort: operation('abort', 'session'),
  conclude: operation('conclude', 'session'),
  cancel: operation('cancel', 'session'),
  reject: operation('reject', 'session'),
  informationReport: operation('information_report', 'read'),
  // An unknown service can do anything: it is judged like the ones that change the device's program.
  unknown: operation('unknown', 'program'),
  // An answer that names no service, to a request that was not seen: it shows nothing that anybody did.
  answer: operation('answer', 'session'),
  // Of a message that the capture cut there is nothing to tell.
  unread: operation('unread', 'session'),
} as const;

export function serviceOperation(number: number): Operation {
  return BY_NUMBER.get(number) ?? OPERATION.unknown;
}

export const MMS_OPERATIONS: readonly Operation[] = operations;
