import type { Operation, OperationClass } from '../../model/operation.js';

export const OPCODE = { REQUEST: 0x31, RESPONSE: 0x32, NOTIFICATION: 0x33, RESPONSE_2: 0x02 } as const;

export const VERSION = { SETUP: 1, DATA: 2, DIGEST: 3, SYSTEM_EVENT: 0xfe, KEEP_ALIVE: 0xff } as const;

export const FUNCTION = {
  ERROR: 0x04b1,
  EXPLORE: 0x04bb,
  CREATE_OBJECT: 0x04ca,
  DELETE_OBJECT: 0x04d4,
  SET_VARIABLE: 0x04f2,
  GET_VARIABLE: 0x04fc,
  ADD_LINK: 0x0506,
  REMOVE_LINK: 0x051a,
  GET_LINK: 0x0524,
  SET_MULTI_VARIABLES: 0x0542,
  GET_MULTI_VARIABLES: 0x054c,
  BEGIN_SEQUENCE: 0x0556,
  END_SEQUENCE: 0x0560,
  INVOKE: 0x056b,
  SET_VAR_SUBSTREAMED: 0x057c,
  GET_VAR_SUBSTREAMED: 0x0586,
  GET_VARIABLES_ADDRESS: 0x0590,
  ABORT: 0x059a,
  ERROR_2: 0x05a9,
  INIT_SSL: 0x05b3,
} as const;

export function opcodeName(opcode: number): string {
  switch (opcode) {
    case OPCODE.REQUEST:
      return 'request';
    case OPCODE.RESPONSE:
      return 'response';
    case OPCODE.NOTIFICATION:
      return 'notification';
    default:
      return opcode.toString(16).padStart(2, '0');
  }
}

export function isKnownOpcode(opcode: number): boolean {
  return (
    opcode === OPCODE.REQUEST ||
    opcode === OPCODE.RESPONSE ||
    opcode === OPCODE.NOTIFICATION ||
    opcode === OPCODE.RESPONSE_2
  );
}

const operations: Operation[] = [];

function title(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function operation(name: string, operationClass: OperationClass, ofFunction: string, words = title(name)): Operation {
  const made: Operation = {
    index: operations.length,
    name,
    function: ofFunction,
    class: operationClass,
    title: words,
  };
  operations.push(made);
  return made;
}

/** What a function does when nothing more precise is known of it. */
const FUNCTION_NAMES: readonly (readonly [code: number, name: string, operationClass: OperationClass])[] = [
  [FUNCTION.ERROR, 'error', 'session'],
  [FUNCTION.EXPLORE, 'explore', 'read'],
  [FUNCTION.CREATE_OBJECT, 'create_object', 'program'],
  [FUNCTION.DELETE_OBJECT, 'delete_object', 'program'],
  [FUNCTION.SET_VARIABLE, 'set_variable', 'write'],
  [FUNCTION.GET_VARIABLE, 'get_variable', 'read'],
  [FUNCTION.ADD_LINK, 'add_link', 'program'],
  [FUNCTION.REMOVE_LINK, 'remove_link', 'program'],
  [FUNCTION.GET_LINK, 'get_link', 'diagnose'],
  [FUNCTION.SET_MULTI_VARIABLES, 'set_multi_variables', 'write'],
  [FUNCTION.GET_MULTI_VARIABLES, 'get_multi_variables', 'read'],
  [FUNCTION.BEGIN_SEQUENCE, 'begin_sequence', 'program'],
  [FUNCTION.END_SEQUENCE, 'end_sequence', 'program'],
  [FUNCTION.INVOKE, 'invoke', 'control'],
  [FUNCTION.SET_VAR_SUBSTREAMED, 'set_var_substreamed', 'write'],
  [FUNCTION.GET_VAR_SUBSTREAMED, 'get_var_substreamed', 'read'],
  [FUNCTION.GET_VARIABLES_ADDRESS, 'get_variables_address', 'read'],
  [FUNCTION.ABORT, 'abort', 'session'],
  [FUNCTION.ERROR_2, 'error_2', 'session'],
  [FUNCTION.INIT_SSL, 'init_ssl', 'session'],
];

interface FunctionDef {
  readonly name: string;
  readonly operation: Operation;
  /** The rest of a message that came in several parts: what it does was counted with its first. */
  readonly continued: Operation;
}

const FUNCTIONS = new Map<number, FunctionDef>(
  FUNCTION_NAMES.map(([code, name, operationClass]) => [
    code,
    {
      name,
      operation: operation(name, operationClass, name),
      continued: operation(`${name}.continued`, 'session', name, `${title(name)}: further parts`),
    },
  ]),
);

// An undocumented function can do anything: it is judged like the ones that change the controller's program.
const UNKNOWN: FunctionDef = {
  name: 'unknown',
  operation: operation('unknown_function', 'program', 'unknown', 'Undocumented function'),
  continued: operation('unknown_function.continued', 'session', 'unknown', 'Undocumented function: further parts'),
};

export function functionDef(code: number): FunctionDef {
  return FUNCTIONS.get(code) ?? UNKNOWN;
}

/** What is told apart within a function. */
export const OPERATION = {
  createSession: operation('create_session', 'session', 'create_object'),
  createSessionObject: operation('create_session_object', 'session', 'create_object', 'Create object of the session'),
  createTransaction: operation('create_transaction', 'program', 'create_object', 'Begin a change of the program'),
  createSubscription: operation('create_subscription', 'read', 'create_object', 'Subscribe to variables or alarms'),
  createTestJob: operation('create_test_job', 'control', 'create_object', 'Create watch, force or trace job'),
  downloadBlock: operation('download_block', 'program', 'create_object', 'Download program blocks'),
  downloadConfiguration: operation('download_configuration', 'program', 'create_object', 'Download configuration'),
  deleteSession: operation('delete_session', 'session', 'delete_object', 'End session'),
  deleteSessionObject: operation('delete_session_object', 'session', 'delete_object', 'Delete object of the session'),
  deleteBlock: operation('delete_block', 'program', 'delete_object', 'Delete program block'),
  startCpu: operation('start_cpu', 'control', 'set_variable', 'Start CPU'),
  stopCpu: operation('stop_cpu', 'control', 'set_variable', 'Stop CPU'),
  changeOperatingState: operation('change_operating_state', 'control', 'set_variable'),
  commandObjects: operation(
    'set_multi_variables.command',
    'control',
    'set_multi_variables',
    'Command the CPU or a module',
  ),
  memoryReset: operation('memory_reset', 'control', 'set_variable', 'Reset memory'),
  setClock: operation('set_clock', 'control', 'set_variable'),
  setAttribute: operation('set_attribute', 'program', 'set_variable', 'Change configuration'),
  setAttributes: operation('set_attributes', 'program', 'set_multi_variables', 'Change configuration, several values'),
  changeProtection: operation('change_protection', 'program', 'set_variable', 'Change protection or password'),
  changeProtections: operation(
    'set_multi_variables.protection',
    'program',
    'set_multi_variables',
    'Change protection or password, several values',
  ),
  authenticate: operation('authenticate', 'session', 'set_variable', 'Log on with a password'),
  authenticateAtOnce: operation(
    'set_multi_variables.authenticate',
    'session',
    'set_multi_variables',
    'Log on with a password, several values',
  ),
  exchangeKey: operation('exchange_key', 'session', 'set_multi_variables', 'Exchange session key'),
  setSessionAttribute: operation('set_session_attribute', 'session', 'set_variable', 'Set up session'),
  setSessionAttributes: operation('set_session_attributes', 'session', 'set_multi_variables', 'Set up session'),
  changeSubscription: operation('change_subscription', 'session', 'set_variable'),
  changeSubscriptions: operation('change_subscriptions', 'read', 'set_multi_variables', 'Subscribe to other variables'),
  writeBlock: operation('write_block', 'program', 'set_var_substreamed', 'Write part of a block'),
  uploadBlock: operation('upload_block', 'program', 'explore', 'Upload program blocks'),
  notification: operation('notification', 'read', 'notification'),
  systemEvent: operation('system_event', 'session', 'system_event'),
  keepAlive: operation('keep_alive', 'session', 'keep_alive'),
  fragment: operation('fragment', 'session', 'fragment', 'Part of a message'),
  encrypted: operation('encrypted', 'session', 'encrypted', 'Encrypted message'),
  unknownOpcode: operation('unknown_opcode', 'program', 'unknown', 'Message of unknown kind'),
} as const;

/** Closed: the functions, and what is told apart within them. */
export const S7COMM_PLUS_OPERATIONS: readonly Operation[] = operations;
