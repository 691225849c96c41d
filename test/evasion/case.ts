import { CLIENT_MAC, type Frame, type Layer, modbusPdu, modbusTcp, SERVER_MAC, TcpPair } from '../support/packets.js';

/**
 * One row of the tables of bad and evasive input. `records` is everything the Modbus dissector must report, in order,
 * as `summary` writes it; `anomalies` must all be there, `may` may, and nothing else.
 */
export interface EvasionCase {
  /** As in the published lists of evasions: T transport, I network and link, D dissector, F floods. */
  readonly id: string;
  readonly name: string;
  readonly frames: () => readonly Frame[];
  readonly records: readonly string[];
  readonly anomalies?: readonly string[];
  readonly may?: readonly string[];
  /** Only these records must be there, others may: where two readings of the same bytes are reported. */
  readonly atLeast?: boolean;
}

export const READ = modbusTcp(modbusPdu.read(3, 0, 2), { transaction: 1 });
export const READ_ANSWER = modbusTcp(modbusPdu.registers(3, [10, 20]), { transaction: 1 });
export const WRITE = modbusTcp(modbusPdu.writeRegister(40, 1234), { transaction: 2 });
/** A harmless question of the same length as WRITE, with the same transaction. */
export const DECOY = modbusTcp(modbusPdu.read(3, 40, 2), { transaction: 2 });
export const DECOY_ANSWER = modbusTcp(modbusPdu.registers(3, [1, 2]), { transaction: 2 });
/** The last question, to see that the connection is still being read. */
export const AFTER = modbusTcp(modbusPdu.read(4, 7, 1), { transaction: 3 });
export const AFTER_ANSWER = modbusTcp(modbusPdu.registers(4, [99]), { transaction: 3 });

export const SAW = {
  read: 'request read_holding_registers @0 x2',
  readAnswer: 'response read_holding_registers @0 x2 [10,20]',
  write: 'request write_single_register @40 [1234]',
  writeAnswer: 'response write_single_register @40 [1234]',
  decoy: 'request read_holding_registers @40 x2',
  decoyAnswer: 'response read_holding_registers @40 x2 [1,2]',
  after: 'request read_input_registers @7 x1',
  afterAnswer: 'response read_input_registers @7 x1 [99]',
} as const;

export const SAW_READ = [SAW.read, SAW.readAnswer] as const;
export const SAW_WRITE = [SAW.write, SAW.writeAnswer] as const;
export const SAW_AFTER = [SAW.after, SAW.afterAnswer] as const;
export const SAW_ALL = [...SAW_READ, ...SAW_WRITE] as const;

/** Opened, one question asked and answered: what comes before the interesting part. */
export function started(pair: TcpPair): Layer[] {
  return [...pair.open(), pair.client(READ), pair.server(READ_ANSWER)];
}

export function written(pair: TcpPair): Layer[] {
  return [pair.client(WRITE), pair.server(WRITE)];
}

export function asked(pair: TcpPair): Layer[] {
  return [pair.client(AFTER), pair.server(AFTER_ANSWER)];
}

/** The frames of one connection built by a function that only says what is special. */
export function connection(
  build: (pair: TcpPair) => readonly (Frame | readonly Frame[])[],
  options: ConstructorParameters<typeof TcpPair>[0] = {},
): () => Frame[] {
  return () => build(new TcpPair(options)).flat();
}

export function macsOf(fromClient: boolean): { src: string; dst: string } {
  return fromClient ? { src: CLIENT_MAC, dst: SERVER_MAC } : { src: SERVER_MAC, dst: CLIENT_MAC };
}

interface ModbusFields {
  readonly pdu?: string;
  readonly function?: string;
  readonly function_code?: number;
  readonly exception_code?: number;
  readonly address?: number;
  readonly quantity?: number;
  readonly values?: readonly number[];
}

const HAS_QUANTITY: ReadonlySet<number> = new Set([1, 2, 3, 4, 15, 16]);

/** A Modbus record in one line: `request write_single_register @40 [1234]`, with `~` when it is partial. */
export function summary(record: { readonly [field: string]: unknown }): string {
  const modbus = (record['modbus'] ?? {}) as ModbusFields;
  const parts: string[] = [modbus.pdu ?? '?', modbus.function ?? '?'];
  if (modbus.function === 'unknown') parts.push(String(modbus.function_code));
  if (modbus.exception_code !== undefined) parts.push(`exception ${modbus.exception_code}`);
  if (modbus.address !== undefined) parts.push(`@${modbus.address}`);
  if (modbus.quantity !== undefined && HAS_QUANTITY.has(modbus.function_code ?? 0)) parts.push(`x${modbus.quantity}`);
  if (modbus.values !== undefined) parts.push(`[${modbus.values.join(',')}]`);
  if (record['partial'] === true) parts.push('~');
  return parts.join(' ');
}
