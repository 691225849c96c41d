import type { IdentityField } from '../model/records.js';
import { clean } from './text.js';

/**
 * What a free text says of its device. The texts are what devices send in LLDP, CDP, SNMP and banners; each row was
 * made from the makers' own wording. Input is bounded (256 characters) and no expression nests repetitions.
 */
const MAKERS: readonly (readonly [pattern: RegExp, vendor: string])[] = [
  [/^Siemens(?: AG)?\b/i, 'Siemens'],
  [/^(?:Hewlett[- ]Packard|HPE?)\b/i, 'Hewlett-Packard'],
  [/^ProCurve\b/i, 'Hewlett-Packard'],
  [/^Aruba\b/i, 'Aruba'],
  [/^Hirschmann\b/i, 'Hirschmann'],
  [/^(?:Cisco|Catalyst)\b/i, 'Cisco'],
  [/^Dell\b(?: Inc\.?)?/i, 'Dell'],
  [/^ASUSTeK COMPUTER INC\.?/i, 'ASUSTeK'],
  [/^innotek GmbH/i, 'innotek GmbH'],
  [/^VMware(?:, Inc\.?)?/i, 'VMware'],
  [/^LENOVO\b/i, 'Lenovo'],
  [/^FUJITSU\b/i, 'Fujitsu'],
  [/^Moxa\b/i, 'Moxa'],
  [/^Phoenix Contact\b/i, 'Phoenix Contact'],
  [/^WAGO\b/i, 'WAGO'],
  [/^(?:Schneider Electric|Modicon|Telemecanique)\b/i, 'Schneider Electric'],
  [/^(?:Rockwell Automation|Allen[- ]Bradley)\b/i, 'Rockwell Automation'],
  [/^Beckhoff\b/i, 'Beckhoff'],
  [/^ABB\b/, 'ABB'],
  [/^(?:Mitsubishi Electric|Mitsubishi)\b/i, 'Mitsubishi Electric'],
  [/^OMRON\b/i, 'Omron'],
  [/^(?:Westermo|WeOS)\b/i, 'Westermo'],
  [/^(?:RuggedCom|RUGGEDCOM)\b/i, 'Siemens'],
  [/^(?:Juniper Networks)\b/i, 'Juniper Networks'],
  [/^(?:Extreme Networks|ExtremeXOS|Summit)/i, 'Extreme Networks'],
  [/^MikroTik\b/i, 'MikroTik'],
  [/^Fortinet|^FortiGate/i, 'Fortinet'],
  [/^Lantronix\b/i, 'Lantronix'],
  [/^Brother\b/i, 'Brother'],
  [/^AXIS\b/, 'Axis'],
];

/** `Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Version 3, FW: Version V04.01.00, SVPLN128756` */
const SIEMENS =
  /^Siemens, ([^,]{1,60}), ([^,]{1,60}), ([^,]{1,40}), HW: ?([^,]{1,30}), FW: ?([^,]{1,30})(?:, (S[^,]{1,30}))?/i;
/** `Cisco IOS Software, CE500 Software (CE500-LANBASE-M), Version 12.2(25)SEG4, RELEASE SOFTWARE` */
const VERSION = /\b(?:Version|revision|Rev\.?|FW:?|SW:|Firmware:?|Software version)[ :]+([A-Za-z0-9][\w.():-]{0,40})/i;
/** Siemens order numbers: `6ES7 215-1AG40-0XB0`, `6GK5 208-0BA00-2AB2`, `6AV2 124-0MC01-0AX0` */
export const SIEMENS_ORDER = /\b6[A-Z]{2}\d[ ]?\d{3}-\d[A-Z0-9]{4}-\d[A-Z0-9]{3}\b/;

/** Letters and digits, as PC makers number their machines. */
const PC_SERIAL = /^(?=.*\d)(?=.*[A-Z])[A-Z0-9]{7,20}$/;

export interface Described {
  readonly field: IdentityField;
  readonly value: string;
}

export function describe(text: string): Described[] {
  const line = clean(text).slice(0, 256);
  const found: Described[] = [];
  const add = (field: IdentityField, value: string | undefined): void => {
    const trimmed = value?.replaceAll(/^[\s,;:-]+|[\s,;:-]+$/g, '') ?? '';
    if (trimmed !== '') found.push({ field, value: trimmed });
  };
  if (line === '') return [];
  add('description', line);
  const siemens = SIEMENS.exec(line);
  if (siemens) {
    const [, family = '', product = '', order, hardware, firmware, serial] = siemens;
    add('vendor', 'Siemens');
    add('model', /^SIMATIC S7$/i.test(family) ? `${family} ${product}` : product);
    add('order_number', order);
    add('hardware_revision', hardware?.replace(/^Version /i, ''));
    add('firmware', firmware?.replace(/^Version /i, '').replace(/^V\.(?=\d)/, 'V'));
    // Some devices put the serial's type in front, with a space: "S V-L8BT7803".
    add('serial', serial);
    return found;
  }
  const windows = /^Hardware: .{0,120}? - Software: (Windows.{0,60})/.exec(line);
  if (windows) {
    add('os', windows[1]);
    return found;
  }
  const unix = /^(Linux|FreeBSD|SunOS|AIX|Darwin|OpenBSD|NetBSD|VxWorks|QNX) (\S{1,64}) (\S{1,64})/.exec(line);
  if (unix) {
    add('os', `${unix[1]} ${unix[3]}`);
    return found;
  }
  const maker = MAKERS.find(([pattern]) => pattern.test(line));
  if (maker) add('vendor', maker[1]);
  const version = VERSION.exec(line)?.[1];
  add('order_number', SIEMENS_ORDER.exec(line)?.[0]);
  if (/\bIOS\b/.test(line)) add('os', 'Cisco IOS');
  if (version !== undefined && /\d/.test(version)) add('firmware', version);
  if (/^(?:ProCurve|Aruba) (J\w{3,6})\b/i.test(line)) add('order_number', /\b(J\w{3,6})\b/.exec(line)?.[1]);
  // SMBIOS of a PC: product, version, serial number, and sometimes a sales number behind it.
  const parts = line
    .split(/[,+]/)
    .slice(1)
    .map((part) => part.trim());
  if (maker && parts.length >= 2)
    add(
      'serial',
      parts.find((part) => PC_SERIAL.test(part)),
    );
  if (maker && !/\bIOS\b|Internetwork Operating/.test(line)) add('model', modelOf(line, maker[0], maker[1]));
  return found;
}

/** What stands between the maker's name and version, commas and serials. */
function modelOf(line: string, maker: RegExp, vendor: string): string | undefined {
  // Some names are part of the product's: "ProCurve J8762A Switch", "Summit300-48".
  const isProduct = vendor === 'Hewlett-Packard' || vendor === 'Extreme Networks';
  const rest = isProduct && !/^Hewlett/i.test(line) ? line : line.replace(maker, '');
  const end = rest.search(/ - |,(?=[^,])|\b(?:Version|revision|Firmware|SW:|FW:|V\d)/i);
  const model = (end > 0 ? rest.slice(0, end) : rest).trim();
  return model.length > 80 ? undefined : model;
}
