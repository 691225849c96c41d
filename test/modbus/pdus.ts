/**
 * One exchange per function of the Modbus Application Protocol Specification V1.1b3 (its own examples where it has
 * them) and what a dissection record must say about it. Used by the table tests and, as a capture, by the comparison
 * with tshark.
 */
export interface Exchange {
  readonly name: string;
  readonly functionName: string;
  /** PDUs in hex, function code first. */
  readonly request: string;
  readonly response: string;
  /** The function's own fields; MBAP fields, `pdu` and `function_code` follow from the bytes. */
  readonly requestFields: Readonly<Record<string, unknown>>;
  readonly responseFields: Readonly<Record<string, unknown>>;
}

export function textHex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

/** A device identification object: id, length, value. */
export function deviceObject(id: number, text: string): string {
  return Buffer.from([id, text.length]).toString('hex') + textHex(text);
}

function exchange(
  name: string,
  functionName: string,
  request: string,
  requestFields: Exchange['requestFields'],
  response: string,
  responseFields: Exchange['responseFields'],
): Exchange {
  const tight = (text: string): string => text.replace(/\s+/g, '');
  return { name, functionName, request: tight(request), response: tight(response), requestFields, responseFields };
}

/** An exchange whose answer repeats the request. */
function echo(name: string, functionName: string, pdu: string, fields: Exchange['requestFields']): Exchange {
  return exchange(name, functionName, pdu, fields, pdu, fields);
}

export const EXCHANGES: readonly Exchange[] = [
  exchange('read coils 20-38 (6.1)', 'read_coils', '01 0013 0013', { address: 0x13, quantity: 19 }, '01 03 cd6b05', {
    address: 0x13,
    quantity: 19,
    byte_count: 3,
    values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1],
  }),
  exchange(
    'read discrete inputs 197-218 (6.2)',
    'read_discrete_inputs',
    '02 00c4 0016',
    { address: 0xc4, quantity: 22 },
    '02 03 acdb35',
    {
      address: 0xc4,
      quantity: 22,
      byte_count: 3,
      values: [0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1],
    },
  ),
  exchange(
    'read holding registers 108-110 (6.3)',
    'read_holding_registers',
    '03 006b 0003',
    { address: 0x6b, quantity: 3 },
    '03 06 022b 0000 0064',
    { address: 0x6b, quantity: 3, byte_count: 6, values: [0x22b, 0, 0x64] },
  ),
  exchange(
    'read input register 9 (6.4)',
    'read_input_registers',
    '04 0008 0001',
    { address: 8, quantity: 1 },
    '04 02 000a',
    { address: 8, quantity: 1, byte_count: 2, values: [10] },
  ),
  echo('write coil 173 on (6.5)', 'write_single_coil', '05 00ac ff00', { address: 0xac, values: [1] }),
  echo('write coil 173 off', 'write_single_coil', '05 00ac 0000', { address: 0xac, values: [0] }),
  echo('write register 2 (6.6)', 'write_single_register', '06 0001 0003', { address: 1, values: [3] }),
  exchange('read exception status (6.7)', 'read_exception_status', '07', {}, '07 6d', { data: '6d' }),
  echo('return query data (6.8)', 'diagnostics', '08 0000 a537', { subfunction: 0, data: 'a537' }),
  echo('return longer query data', 'diagnostics', '08 0000 a537 0102 0304', { subfunction: 0, data: 'a53701020304' }),
  echo('restart communications and clear the log', 'diagnostics', '08 0001 ff00', { subfunction: 1, data: 'ff00' }),
  echo('restart communications, keep the log', 'diagnostics', '08 0001 0000', { subfunction: 1, data: '0000' }),
  exchange(
    'return diagnostic register',
    'diagnostics',
    '08 0002 0000',
    { subfunction: 2, data: '0000' },
    '08 0002 1234',
    { subfunction: 2, data: '1234' },
  ),
  echo('change ASCII input delimiter', 'diagnostics', '08 0003 2300', { subfunction: 3, data: '2300' }),
  echo('force listen only mode', 'diagnostics', '08 0004 0000', { subfunction: 4, data: '0000' }),
  echo('clear counters', 'diagnostics', '08 000a 0000', { subfunction: 10, data: '0000' }),
  ...[11, 12, 13, 14, 15, 16, 17, 18].map((subfunction) =>
    exchange(
      `diagnostics counter ${subfunction}`,
      'diagnostics',
      `08 00${subfunction.toString(16).padStart(2, '0')} 0000`,
      { subfunction, data: '0000' },
      `08 00${subfunction.toString(16).padStart(2, '0')} 00${(subfunction * 3).toString(16).padStart(2, '0')}`,
      { subfunction, data: `00${(subfunction * 3).toString(16).padStart(2, '0')}` },
    ),
  ),
  echo('clear overrun counter', 'diagnostics', '08 0014 0000', { subfunction: 20, data: '0000' }),
  echo('reserved subfunction', 'diagnostics', '08 0055 0102', { subfunction: 0x55, data: '0102' }),
  exchange('get comm event counter (6.9)', 'get_comm_event_counter', '0b', {}, '0b ffff 0108', {
    event_status: 0xffff,
    event_count: 0x108,
  }),
  exchange('get comm event log (6.10)', 'get_comm_event_log', '0c', {}, '0c 08 0000 0108 0121 2000', {
    byte_count: 8,
    event_status: 0,
    event_count: 0x108,
    message_count: 0x121,
    events: [0x20, 0],
  }),
  exchange(
    'write coils 20-29 (6.11)',
    'write_multiple_coils',
    '0f 0013 000a 02 cd01',
    { address: 0x13, quantity: 10, byte_count: 2, values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 0] },
    '0f 0013 000a',
    { address: 0x13, quantity: 10 },
  ),
  exchange(
    'write registers 2-3 (6.12)',
    'write_multiple_registers',
    '10 0001 0002 04 000a 0102',
    { address: 1, quantity: 2, byte_count: 4, values: [10, 0x102] },
    '10 0001 0002',
    { address: 1, quantity: 2 },
  ),
  exchange('report server id (6.13)', 'report_server_id', '11', {}, `11 0a 17 ff ${textHex('PLC-1234')}`, {
    data: `0a17ff${textHex('PLC-1234')}`,
  }),
  exchange(
    'read file records (6.14)',
    'read_file_record',
    '14 0e 06 0004 0001 0002 06 0003 0009 0002',
    {
      byte_count: 14,
      records: [
        { reference_type: 6, file_number: 4, record_number: 1, record_length: 2 },
        { reference_type: 6, file_number: 3, record_number: 9, record_length: 2 },
      ],
    },
    '14 0c 05 06 0dfe 0020 05 06 33cd 0040',
    {
      byte_count: 12,
      records: [
        { reference_type: 6, data: '0dfe0020' },
        { reference_type: 6, data: '33cd0040' },
      ],
    },
  ),
  echo('write file record (6.15)', 'write_file_record', '15 0d 06 0004 0007 0003 06af 04be 100d', {
    byte_count: 13,
    records: [{ reference_type: 6, file_number: 4, record_number: 7, record_length: 3, data: '06af04be100d' }],
  }),
  echo('write two file records', 'write_file_record', '15 16 06 0004 0007 0003 06af 04be 100d 06 0001 0002 0001 beef', {
    byte_count: 22,
    records: [
      { reference_type: 6, file_number: 4, record_number: 7, record_length: 3, data: '06af04be100d' },
      { reference_type: 6, file_number: 1, record_number: 2, record_length: 1, data: 'beef' },
    ],
  }),
  echo('mask write register 5 (6.16)', 'mask_write_register', '16 0004 00f2 0025', {
    address: 4,
    and_mask: 0xf2,
    or_mask: 0x25,
  }),
  exchange(
    'read and write registers (6.17)',
    'read_write_multiple_registers',
    '17 0003 0006 000e 0003 06 00ff 00ff 00ff',
    {
      read_address: 3,
      read_quantity: 6,
      write_address: 14,
      write_quantity: 3,
      byte_count: 6,
      values: [0xff, 0xff, 0xff],
    },
    '17 0c 00fe 0acd 0001 0003 000d 00ff',
    { byte_count: 12, values: [0xfe, 0xacd, 1, 3, 13, 0xff] },
  ),
  exchange('read FIFO queue (6.18)', 'read_fifo_queue', '18 04de', { address: 0x4de }, '18 0006 0002 01b8 1284', {
    byte_count: 6,
    fifo_count: 2,
    values: [0x1b8, 0x1284],
  }),
  exchange('read an empty FIFO queue', 'read_fifo_queue', '18 04de', { address: 0x4de }, '18 0002 0000', {
    byte_count: 2,
    fifo_count: 0,
  }),
  exchange(
    'read basic device identification (6.21)',
    'encapsulated_interface_transport',
    '2b 0e 01 00',
    { mei_type: 14, read_device_id: 1 },
    `2b 0e 01 01 00 00 03 ${deviceObject(0, 'Company identification')} ${deviceObject(1, 'Product code XX')} ${deviceObject(2, 'V2.11')}`,
    {
      mei_type: 14,
      read_device_id: 1,
      conformity_level: 1,
      more_follows: 0,
      next_object_id: 0,
      objects: [
        { id: 0, value: 'Company identification' },
        { id: 1, value: 'Product code XX' },
        { id: 2, value: 'V2.11' },
      ],
    },
  ),
  exchange(
    'read extended device identification, more follows',
    'encapsulated_interface_transport',
    '2b 0e 03 00',
    { mei_type: 14, read_device_id: 3 },
    `2b 0e 03 83 ff 80 02 ${deviceObject(0, 'ACME')} ${deviceObject(5, 'Pump 7')}`,
    {
      mei_type: 14,
      read_device_id: 3,
      conformity_level: 0x83,
      more_follows: 0xff,
      next_object_id: 0x80,
      objects: [
        { id: 0, value: 'ACME' },
        { id: 5, value: 'Pump 7' },
      ],
    },
  ),
  exchange(
    'read one device identification object',
    'encapsulated_interface_transport',
    '2b 0e 04 80',
    { mei_type: 14, read_device_id: 4 },
    `2b 0e 04 83 00 00 01 ${deviceObject(0x80, 'SN 0815')}`,
    { mei_type: 14, read_device_id: 4, conformity_level: 0x83, objects: [{ id: 0x80, value: 'SN 0815' }] },
  ),
  exchange(
    'CANopen general reference (6.20)',
    'encapsulated_interface_transport',
    '2b 0d 01 02 03 04',
    { mei_type: 13 },
    '2b 0d 05 06 07 08',
    { mei_type: 13 },
  ),
];

/** Functions with no layout of their own: everything after the function code is `data`. */
export const OPAQUE_FUNCTIONS: readonly {
  readonly code: number;
  readonly request: string;
  readonly response: string;
}[] = [
  { code: 9, request: '0102', response: '0304' },
  { code: 10, request: '0102', response: '0304' },
  { code: 13, request: '01', response: '02' },
  { code: 14, request: '01', response: '02' },
  { code: 18, request: '0102030405', response: '06' },
  { code: 19, request: 'ff', response: 'ff' },
  { code: 40, request: '00112233', response: '44' },
  { code: 41, request: '00112233', response: '44' },
  { code: 42, request: '00112233', response: '44' },
  { code: 65, request: 'aabb', response: 'ccdd' },
  { code: 72, request: 'aabb', response: 'ccddee' },
  { code: 91, request: '0001', response: '0002' },
  { code: 100, request: '11', response: '22' },
  { code: 110, request: '1122334455667788', response: '00' },
  { code: 125, request: '00', response: '00' },
  { code: 126, request: '0000', response: '0000' },
  { code: 127, request: '00', response: '01' },
];

/** UMAS requests (function 90): session key, UMAS function, data. */
export const UMAS_EXCHANGES: readonly { readonly request: string; readonly response: string; readonly code: number }[] =
  [
    { code: 0x01, request: '5a000100', response: '5a00fe0000' },
    { code: 0x02, request: '5a0002', response: '5a00fe9300000000' },
    { code: 0x03, request: '5a000300', response: '5a00fe50524f4a' },
    { code: 0x04, request: '5a0004', response: '5a00fe00' },
    { code: 0x10, request: '5a00104a0000', response: '5a00fe17' },
    { code: 0x20, request: '5a17200001000000000a00', response: '5a17fe0a0000010203' },
    { code: 0x40, request: '5a1740ff00', response: '5a17fe' },
    { code: 0x41, request: '5a1741ff00', response: '5a17fd02' },
  ];
