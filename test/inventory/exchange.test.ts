import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffInventory, likelySame, writersOf } from '../../sensor/inventory/exchange/compare.js';
import { csvCell, csvLine, parseCsv } from '../../sensor/inventory/exchange/csv.js';
import { csvHead, csvRows, cycloneDx } from '../../sensor/inventory/exchange/export.js';
import { compareWithList, parseSiteList } from '../../sensor/inventory/exchange/site-list.js';
import type { Asset, Conversation } from '../../sensor/model/records.js';

const T1 = '2026-01-01T00:00:00.000000Z';
const T2 = '2026-02-01T00:00:00.000000Z';
const T3 = '2026-03-01T00:00:00.000000Z';

function asset(values: Partial<Asset> & { id: string }): Asset {
  return {
    name: values.ips?.[0] ?? values.id,
    ips: [],
    macs: [],
    roles: [],
    purdue_level: null,
    zone: null,
    protocols: [],
    units: [],
    first_seen: T1,
    last_seen: T3,
    criticality: 'low',
    approved: false,
    in_baseline: true,
    packets: 1,
    evidence: [],
    ...values,
  };
}

const PLC = asset({
  id: 'asset-plc',
  name: 'Press',
  ips: ['10.0.0.5'],
  macs: ['02:00:00:00:00:05'],
  vendor: 'Siemens',
  model: 'CPU 315-2 PN/DP',
  order_number: '6ES7 315-2EH14-0AB0',
  firmware: 'V3.2.7',
  serial: 'S C-X1',
  roles: ['plc'],
  purdue_level: 1,
});

describe('CSV', () => {
  test.each(['=1+1', '+49', '-1', '@SUM(A1)', '\t=1', '\r=1'])('a spreadsheet takes %j for text', (value) => {
    expect(csvCell(value)).toMatch(/^"?'/);
  });

  test('whatever is written is read back', () => {
    const cell = fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\0]/g, '').trim());
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 6 }), (cells) => {
        fc.pre(cells.some((value) => value !== '') && cells.every((value) => value === value.trim()));
        const [, row] = parseCsv(`a,b,c,d,e,f\r\n${csvLine(cells)}`);
        expect(row?.cells).toEqual(cells.map((value) => (/^[=+\-@]/.test(value) ? `'${value}` : value)));
      }),
    );
  });

  test('separator, byte order mark, quotes and line ends as spreadsheets have them', () => {
    expect(
      parseCsv('\ufeffip;name\r\n10.0.0.1;"a;""b"""\n\n10.0.0.2;"two\nlines"\n10.0.0.3;c').map(({ line, cells }) => [
        line,
        ...cells,
      ]),
    ).toEqual([
      [1, 'ip', 'name'],
      [2, '10.0.0.1', 'a;"b"'],
      [4, '10.0.0.2', 'two\nlines'],
      [6, '10.0.0.3', 'c'],
    ]);
  });

  test('no text makes the reader throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void parseSiteList(`ip,name\n${text}`)));
  });
});

describe("the site's list", () => {
  test('has heads as people write them', () => {
    expect(
      parseSiteList('IP-Adresse;Gerätename;Hersteller;S/N;Kritikalität\n10.0.0.5;Presse;Siemens;S C-X1;High\n').devices,
    ).toEqual([{ line: 2, ip: '10.0.0.5', name: 'Presse', vendor: 'Siemens', serial: 'S C-X1', criticality: 'high' }]);
  });

  test.each([
    ['ip\n10.0.0.300\n', 'Line 2: "10.0.0.300" is no IP address; write it like 10.1.2.3.'],
    ['ip,mac\n,zz\n', 'Line 2: "zz" is no MAC address; write it like 00:1b:1b:aa:bb:cc.'],
    ['ip,name\n,A\n', 'Line 2: there is neither an IP nor a MAC address; add one of them.'],
    ['ip,criticality\n10.0.0.1,huge\n', 'Line 2: the criticality "huge" does not exist; use low, medium, high.'],
    ['ip\n10.0.0.1\n10.0.0.1\n', 'Line 3: 10.0.0.1 stands in line 2 already; this line is not used.'],
    [
      'name,model\na,b\n',
      'Line 1: there is no column ip or mac; the first line must name the columns (found: name, model).',
    ],
    ['', 'The list is empty: its first line must name the columns, ip or mac among them.'],
  ])('%j: %s', (text, sentence) => expect(parseSiteList(text).problems).toEqual([sentence]));

  test('says what is missing, unknown and different', () => {
    const stranger = asset({ id: 'asset-x', ips: ['10.0.0.9'] });
    const { devices } = parseSiteList(
      'ip,mac,name,model,vendor\n10.0.0.5,,Press,6ES7315,Rockwell\n,02-00-00-00-00-77,Ghost,,\n',
    );
    const report = compareWithList(devices, [PLC, stranger]);
    expect(report.missing.map(({ name }) => name)).toEqual(['Ghost']);
    expect(report.unknown).toEqual([stranger]);
    expect(report.matched[0]?.differences).toEqual([{ field: 'vendor', listed: 'Rockwell', seen: 'Siemens' }]);
  });
});

describe('export', () => {
  test('CSV: a line for the device and one for each device behind it', () => {
    const unit = { first_seen: T1, last_seen: T2, evidence: [] };
    const gateway = asset({
      id: 'asset-gw',
      ips: ['10.0.0.6'],
      name: '=cmd()',
      units: [
        { unit: 'unit 1', model: 'Meter', ...unit },
        { unit: 'unit 2', ...unit },
      ],
    });
    const lines = (csvHead() + csvRows(gateway)).trimEnd().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain("'=cmd()");
    expect(lines[2]).toContain('Meter');
    const [head, ...rows] = parseCsv(lines.join('\n'));
    for (const { cells } of rows) expect(cells).toHaveLength(head!.cells.length);
  });

  test('CycloneDX: devices, their firmware and what stands behind them; the same inventory gives the same document', () => {
    const document = cycloneDx([PLC], 'Works', T3, '1.2.3');
    expect(document).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      metadata: { timestamp: T3, component: { name: 'Works' } },
      components: [
        {
          type: 'device',
          'bom-ref': 'asset-plc',
          name: 'CPU 315-2 PN/DP',
          manufacturer: { name: 'Siemens' },
          components: [{ type: 'firmware', version: 'V3.2.7' }],
        },
      ],
    });
    expect(cycloneDx([PLC], 'Works', T3, '1.2.3')).toEqual(document);
    expect(cycloneDx([{ ...PLC, firmware: 'V3.2.8' }], 'Works', T3, '1.2.3')).not.toMatchObject({
      serialNumber: (document as { serialNumber: string }).serialNumber,
    });
  });
});

describe('CycloneDX is valid by its official schema', () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  const unit = (label: string, number: number) => ({
    unit: label,
    number,
    first_seen: T1,
    last_seen: T2,
    evidence: [],
    vendor: 'Maker',
    firmware: '1.0',
  });
  const references = (document: object): string[] =>
    (JSON.stringify(document).match(/"bom-ref":"(?:[^"\\]|\\.)*"/g) ?? []).map((text) =>
      text.slice('"bom-ref":'.length),
    );
  const full = asset({
    ...PLC,
    id: 'full',
    os: 'VxWorks 6.9',
    hostname: 'press-1',
    hardware_revision: '5',
    zone: 'Hall',
    purdue_level: 1,
    protocols: [{ name: 's7comm', as: 'server', ports: [102] }],
  });

  test('which refuses what is not CycloneDX', async () => {
    const document = { ...cycloneDx([PLC], 'Works', T3, '1.2.3'), components: [{ type: 'machine', name: 'x' }] };
    expect(await validator.validate(JSON.stringify(document))).not.toBeNull();
  });

  test.each([
    ['nothing', []],
    ['a device', [PLC]],
    ['a device that says everything', [full]],
    ['devices that say nothing, and one without address', [asset({ id: 'a' }), asset({ id: 'b', name: '' })]],
    ['what a stranger called himself', [asset({ id: 'c', name: '"\u0000<b>\ud800', vendor: '', firmware: ' ' })]],
    [
      'a gateway with units of the same name',
      [asset({ id: 'gateway', units: [unit('unit 1', 1), unit('unit 2', 2), unit('module', 3), unit('module', 4)] })],
    ],
  ])('%s', async (_name, assets) => {
    const document = cycloneDx(assets, 'Works', T3, '1.2.3') as {
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    expect(await validator.validate(JSON.stringify(document))).toBeNull();
    const known = references(document);
    expect(new Set(known).size, 'each bom-ref once').toBe(known.length);
    for (const { ref, dependsOn } of document.dependencies) {
      for (const name of [ref, ...dependsOn]) expect(known).toContain(JSON.stringify(name));
    }
  });
});

describe('audit', () => {
  test('two dates: what appeared, what is gone, what changed', () => {
    const change = { field: 'firmware', from: '1', to: '2', source: 'x', timestamp: T2, pcap_cnt: 1 } as const;
    const old = asset({ id: 'old', last_seen: T1 });
    const fresh = asset({ id: 'fresh', first_seen: T2 });
    const patched = asset({ id: 'patched', changes: [{ ...change, timestamp: T1 }, change] });
    const diff = diffInventory([old, fresh, patched], '2026-01-15T00:00:00.000000Z', T3);
    expect(diff.appeared).toEqual([fresh]);
    expect(diff.gone).toEqual([old]);
    expect(diff.changed).toEqual([{ asset: patched, changes: [change] }]);
  });

  test('who changed something there, the latest first', () => {
    const operation = { count: 3, targets: [], exceptions: 0, first_seen: T1, in_baseline: true };
    const conversation = (
      client: string,
      last: string,
      operationClass: 'read' | 'write',
      counted: { exceptions?: number } = {},
    ): Conversation => ({
      id: client,
      client,
      server: PLC.id,
      client_ip: client,
      server_ip: '10.0.0.5',
      protocol: 'modbus',
      server_port: 502,
      transport: 'tcp',
      operations: [{ operation: 'op', class: operationClass, last_seen: last, ...operation, ...counted }],
      packets: 1,
      bytes: 1,
      first_seen: T1,
      last_seen: last,
      in_baseline: true,
    });
    const found = writersOf(PLC, [
      conversation('10.0.0.1', T1, 'write'),
      conversation('10.0.0.2', T3, 'read'),
      conversation('10.0.0.3', T2, 'write', { exceptions: 1 }),
      // Refused each time: nothing was changed.
      conversation('10.0.0.4', T3, 'write', { exceptions: 3 }),
    ]);
    expect(found.map(({ client_ip, refused }) => [client_ip, refused])).toEqual([
      ['10.0.0.3', 1],
      ['10.0.0.1', 0],
    ]);
  });

  test('records that may be one device are proposed with the reason', () => {
    const twin = asset({ id: 'twin', ips: ['10.0.0.15'], vendor: 'siemens', serial: 'S C-X1' });
    expect(likelySame([PLC, twin]).map(({ reason }) => reason)).toEqual([
      'Both say that their serial number is S C-X1.',
    ]);
  });
});
