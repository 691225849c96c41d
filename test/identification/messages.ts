import { IDENTITY_SOURCES } from '../../sensor/identification/registry.js';
import type { Message, Statement } from '../../sensor/identification/source.js';
import { type Bytes, bytes } from '../support/packets.js';

/** What devices say, byte by byte as the specifications have it. Identities are invented. */

export const MAC = '02:00:00:00:00:07';
export const IP = '10.0.0.7';

const text = (value: string): Bytes => new TextEncoder().encode(value);
const latin = (value: string): Bytes => Uint8Array.from(value, (character) => character.charCodeAt(0));
const padded = (value: string, length: number, fill = 0): Bytes => {
  const out = new Uint8Array(length).fill(fill);
  out.set(latin(value).subarray(0, length));
  return out;
};
const be16 = (value: number): Bytes => bytes(value >> 8, value);
const le16 = (value: number): Bytes => bytes(value, value >> 8);
const ucs2 = (value: string): Bytes => bytes(...[...value].map((character) => be16(character.charCodeAt(0))));
const utf16le = (value: string): Bytes => bytes(...[...value].map((character) => le16(character.charCodeAt(0))));
const counted = (...parts: Bytes[]): Bytes => bytes(...parts);

const tlv = (type: number, ...value: (Bytes | string | number | number[])[]): Bytes => {
  const data = bytes(...value);
  return bytes(be16((type << 9) | data.length), data);
};
const cdpTlv = (type: number, value: Bytes): Bytes => bytes(be16(type), be16(value.length + 4), value);
const dcpBlock = (block: number, value: Bytes): Bytes =>
  bytes(be16(block), be16(value.length + 2), '0000', value, value.length % 2 === 1 ? '00' : '');
const ber = (tag: number, ...parts: (Bytes | string)[]): Bytes => {
  const data = bytes(...parts);
  return bytes(tag, data.length < 128 ? [data.length] : [0x81, data.length], data);
};
const oid = (last: string): Bytes => ber(0x06, `2b06010201${last}`);
const binding = (name: Bytes, value: Bytes): Bytes => ber(0x30, name, value);
const dnsName = (name: string): Bytes =>
  bytes(...name.split('.').map((label) => counted(bytes(label.length), text(label))), 0);
const netbiosName = (name: string, suffix: number): Bytes => {
  const plain = padded(name, 15, 0x20);
  const all = bytes(plain, suffix);
  return bytes(0x20, ...[...all].map((byte) => bytes(0x41 + (byte >> 4), 0x41 + (byte & 15))), 0);
};
const cipAttributes = (name: string): Bytes =>
  bytes(le16(1), le16(0x0e), le16(55), 16, 20, le16(0), '3f825100', name.length, text(name));
/** A link frame from an outstation; the checksums are of no interest here. */
const dnp3Frame = (application: Bytes): Bytes => {
  const blocks: Bytes[] = [];
  for (let at = 0; at < application.length; at += 16) blocks.push(application.slice(at, at + 16), be16(0));
  return bytes('0564', application.length + 5, 0x44, le16(1), le16(10), be16(0), ...blocks);
};
const attribute = (variation: number, value: string): Bytes =>
  bytes(0, variation, '000000', 1, value.length, latin(value));
const enip = (command: number, data: Bytes): Bytes => bytes(le16(command), le16(data.length), new Uint8Array(20), data);

export interface Sample {
  readonly source: string;
  readonly name: string;
  readonly data: Bytes;
  /** `field=value`, in order; `about` in front where it is another one. */
  readonly says: readonly string[];
  readonly message?: Partial<Message>;
}

const SNMP_RESPONSE = ber(
  0x30,
  '020101',
  ber(0x04, text('public')),
  ber(
    0xa2,
    '020101020100020100',
    ber(
      0x30,
      binding(
        oid('010100'),
        ber(
          0x04,
          text(
            'Siemens, SIMATIC NET, SCALANCE X208, 6GK5 208-0BA10-2AA3, HW: Version 5, FW: Version V05.02.01, SVPX1234567',
          ),
        ),
      ),
      binding(oid('010200'), ber(0x06, '2b06010401 9f 11'.replaceAll(' ', ''))),
      binding(oid('010500'), ber(0x04, text('hall-switch'))),
      binding(ber(0x06, '2b0601020101010000'), ber(0x04, text('other'))),
    ),
  ),
);

const NTLM_TARGET = bytes(le16(1), le16(8), utf16le('HMI1'), le16(0), le16(0));
const NTLM_CHALLENGE = bytes(
  latin('NTLMSSP\0'),
  '02000000',
  '0000000000000000',
  '00000002',
  '0000000000000000',
  '0000000000000000',
  le16(NTLM_TARGET.length),
  le16(NTLM_TARGET.length),
  '38000000',
  [6, 1, 0xb1, 0x1d, 0, 0, 0, 15],
  NTLM_TARGET,
);

const BROWSER_BODY = bytes(
  1,
  0,
  '00000000',
  padded('HMI1', 16),
  6,
  1,
  '03100000',
  '0f01',
  '55aa',
  text('Filter hall'),
  0,
);

export const SAMPLES: readonly Sample[] = [
  {
    source: 'lldp',
    name: 'a PROFINET controller',
    data: bytes(
      tlv(1, 4, '020000000001'),
      tlv(2, 7, text('port-001')),
      tlv(3, be16(20)),
      tlv(5, text('press-1')),
      tlv(6, text('Siemens, SIMATIC S7, CPU-1200, 6ES7 215-1AG40-0XB0, HW: 10, FW: V.4.3.1, S V-X1234567')),
      tlv(7, be16(0x94), be16(0x80)),
      tlv(8, 5, 1, [10, 0, 0, 20], 2, '00000001', 0),
      tlv(0),
    ),
    says: [
      '10.0.0.20 mac=02:00:00:00:00:01',
      '10.0.0.20 mac=02:00:00:00:00:07',
      '10.0.0.20 name=press-1',
      '10.0.0.20 description=Siemens, SIMATIC S7, CPU-1200, 6ES7 215-1AG40-0XB0, HW: 10, FW: V.4.3.1, S V-X1234567',
      '10.0.0.20 vendor=Siemens',
      '10.0.0.20 model=SIMATIC S7 CPU-1200',
      '10.0.0.20 order_number=6ES7 215-1AG40-0XB0',
      '10.0.0.20 hardware_revision=10',
      '10.0.0.20 firmware=V4.3.1',
      '10.0.0.20 serial=S V-X1234567',
    ],
  },
  {
    source: 'lldp',
    name: 'LLDP-MED inventory, and a name that nobody gave',
    data: bytes(
      tlv(1, 4, '020000000007'),
      tlv(5, text('sysName Not Set')),
      tlv(7, be16(0x14), be16(0x04)),
      tlv(127, '0012bb', 7, text('9.1')),
      tlv(127, '0012bb', 8, text('SN77')),
      tlv(127, '0012bb', 9, text('Maker')),
      tlv(127, '0012bb', 10, text('M-1')),
    ),
    says: [
      '02:00:00:00:00:07 role=switch',
      '02:00:00:00:00:07 mac=02:00:00:00:00:07',
      '02:00:00:00:00:07 firmware=9.1',
      '02:00:00:00:00:07 serial=SN77',
      '02:00:00:00:00:07 vendor=Maker',
      '02:00:00:00:00:07 model=M-1',
    ],
  },
  {
    source: 'cdp',
    name: 'a switch',
    data: bytes(
      '02b40000',
      cdpTlv(1, text('SW-7')),
      cdpTlv(2, bytes('00000001', 1, 1, 0xcc, be16(4), [10, 0, 0, 2])),
      cdpTlv(4, bytes('00000028')),
      cdpTlv(5, text('Cisco IOS Software, C2960 Software, Version 15.0(2)SE4, RELEASE SOFTWARE')),
      cdpTlv(6, text('cisco WS-C2960-24TT-L')),
    ),
    says: [
      '10.0.0.2 role=switch',
      '10.0.0.2 mac=02:00:00:00:00:07',
      '10.0.0.2 name=SW-7',
      '10.0.0.2 description=Cisco IOS Software, C2960 Software, Version 15.0(2)SE4, RELEASE SOFTWARE',
      '10.0.0.2 vendor=Cisco',
      '10.0.0.2 os=Cisco IOS',
      '10.0.0.2 firmware=15.0(2)SE4',
      '10.0.0.2 vendor=Cisco',
      '10.0.0.2 description=cisco WS-C2960-24TT-L',
      '10.0.0.2 model=WS-C2960-24TT-L',
    ],
  },
  {
    source: 'profinet_dcp',
    name: 'an answer to identify',
    data: (() => {
      const blocks = bytes(
        dcpBlock(0x0201, text('ET200SP')),
        dcpBlock(0x0202, text('io-dev-3')),
        dcpBlock(0x0203, bytes('002a0301')),
        dcpBlock(0x0204, bytes('0100')),
        dcpBlock(0x0102, bytes([10, 0, 0, 33], 'ffffff00', '00000000')),
      );
      return bytes('feff', 5, 1, '01000001', '0000', be16(blocks.length), blocks, new Uint8Array(8));
    })(),
    says: [
      `${MAC} model=ET200SP`,
      `${MAC} name=io-dev-3`,
      `${MAC} vendor=Siemens`,
      `${MAC} description=PROFINET vendor id 0x002a, device id 0x0301`,
      `${MAC} role=io_device`,
      `${MAC} ip=10.0.0.33`,
    ],
  },
  {
    source: 'profinet_io',
    name: 'I&M0',
    data: bytes(
      4,
      new Uint8Array(99),
      '002000380100',
      '002a',
      padded('6ES7 155-6AU01-0BN0', 20, 0x20),
      padded('S C-X9876543', 16, 0x20),
      be16(4),
      text('V'),
      [4, 2, 1],
      new Uint8Array(12),
    ),
    says: [
      'vendor=Siemens',
      'order_number=6ES7 155-6AU01-0BN0',
      'serial=S C-X9876543',
      'firmware=V4.2.1',
      'hardware_revision=4',
    ],
  },
  {
    source: 'enip',
    name: 'an answer to ListIdentity',
    data: enip(
      0x63,
      (() => {
        const item = bytes(
          le16(1),
          '0002af120a00000700000000 00000000'.replaceAll(' ', ''),
          cipAttributes('1769-L33ER/A LOGIX5333ER'),
          3,
        );
        return bytes(le16(1), le16(0x0c), le16(item.length), item);
      })(),
    ),
    says: [
      'vendor=Rockwell Automation/Allen-Bradley',
      'model=1769-L33ER/A LOGIX5333ER',
      'firmware=16.20',
      'serial=0x0051823f',
      'description=CIP vendor id 0x0001, device type 14, product code 55, revision 5136',
      'role=plc',
    ],
  },
  {
    source: 'enip',
    name: 'the identity object of a module',
    data: enip(
      0x6f,
      (() => {
        const reply = bytes('81000000', cipAttributes('1756-L61'));
        return bytes('000000000000', le16(2), '00000000', le16(0xb2), le16(reply.length), reply);
      })(),
    ),
    says: [
      'vendor=Rockwell Automation/Allen-Bradley',
      '#5341759 vendor=Rockwell Automation/Allen-Bradley',
      'model=1756-L61',
      '#5341759 model=1756-L61',
      'firmware=16.20',
      '#5341759 firmware=16.20',
      'serial=0x0051823f',
      '#5341759 serial=0x0051823f',
      'description=CIP vendor id 0x0001, device type 14, product code 55, revision 5136',
      '#5341759 description=CIP vendor id 0x0001, device type 14, product code 55, revision 5136',
      'role=plc',
    ],
  },
  {
    source: 'bacnet',
    name: 'I-Am',
    data: bytes('810b0014', '0100', '1000', 'c402000064', '2205c4', '9103', '2108'),
    says: ['vendor=Delta Controls', 'name=device,100', 'description=BACnet vendor 8, device 100'],
  },
  {
    source: 'bacnet',
    name: 'I-Am of a device behind a router',
    data: bytes('810b0018', '0108', be16(5), 1, 9, '1000', 'c402000064', '2205c4', '9103', '220539'),
    says: ['#100 vendor=BACnet vendor 1337', '#100 name=device,100', '#100 description=BACnet vendor 1337, device 100'],
  },
  {
    source: 'bacnet',
    name: 'the model of a device object, in UCS-2',
    data: (() => {
      const value = ucs2('RTU-9');
      const apdu = bytes('30010c', '0c02000064', '1946', '3e', 0x75, value.length + 1, 4, value, '3f');
      return bytes('810a', be16(apdu.length + 6), '0100', apdu);
    })(),
    says: ['model=RTU-9'],
  },
  {
    source: 'bacnet',
    name: 'the description of another object is none of the device',
    data: (() => {
      const value = text('Pump');
      const apdu = bytes('30010c', '0c00000001', '1946', '3e', 0x75, value.length + 1, 0, value, '3f');
      return bytes('810a', be16(apdu.length + 6), '0100', apdu);
    })(),
    says: [],
  },
  {
    source: 'bacnet',
    name: 'I-Am over IPv6 (annex U)',
    data: bytes('82020017', '000064', '0100', '1000', 'c402000064', '2205c4', '9103', '2108', '0000'),
    says: ['vendor=Delta Controls', 'name=device,100', 'description=BACnet vendor 8, device 100'],
  },
  {
    source: 'bacnet',
    name: 'the vendor id of a device object',
    data: bytes('810a0015', '0100', '30010c', '0c02000064', '1978', '3e', '2107', '3f'),
    says: ['vendor=Siemens'],
  },
  {
    source: 'bacnet-ethernet',
    name: 'I-Am without IP',
    data: bytes('0120ffff00ff', '1000', 'c402000064', '2205c4', '9103', '2108'),
    says: [`${MAC} vendor=Delta Controls`, `${MAC} name=device,100`, `${MAC} description=BACnet vendor 8, device 100`],
  },
  {
    source: 'goose',
    name: 'a publisher',
    data: (() => {
      const pdu = ber(0x61, ber(0x80, text('BAY1LD0/LLN0$GO$gcb01')), ber(0x81, '07d0'));
      return bytes('0001', be16(pdu.length + 8), '00000000', pdu);
    })(),
    says: [`${MAC} mac=${MAC}`, `${MAC} name=BAY1LD0`, `${MAC} role=protection_relay`],
  },
  {
    source: 'fins',
    name: 'controller data',
    data: bytes(
      'c00002000a00000b0001',
      '0501',
      '0000',
      padded('CJ2M-CPU33', 20, 0x20),
      padded('02.01', 20),
      new Uint8Array(40),
    ),
    says: ['vendor=Omron', 'model=CJ2M-CPU33', 'firmware=02.01', 'role=plc'],
  },
  {
    source: 'dnp3',
    name: 'device attributes of an outstation',
    data: dnp3Frame(
      bytes(
        'c0c1810000',
        attribute(252, 'Maker Ltd'),
        attribute(250, 'RTU-5'),
        attribute(248, 'SN 00417'),
        attribute(242, '2.4.1'),
        attribute(247, 'Pump station 7'),
        attribute(249, '3:2015'),
        attribute(245, 'Mill lane'),
      ),
    ),
    says: [
      'vendor=Maker Ltd',
      'model=RTU-5',
      'serial=SN 00417',
      'firmware=2.4.1',
      'name=Pump station 7',
      'location=Mill lane',
    ],
  },
  {
    source: 'ws-discovery',
    name: 'a camera that answers a probe',
    data: text(
      '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches><d:ProbeMatch><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/CAM-220 onvif://www.onvif.org/name/Gate%20North onvif://www.onvif.org/location/city/Hall%202</d:Scopes></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>',
    ),
    says: ['role=camera', 'model=CAM-220', 'name=Gate North', 'location=Hall 2'],
  },
  {
    source: 'mms',
    name: 'an answer to identify, its TPKT header in a segment before',
    data: (() => {
      const answer = bytes(ber(0x80, text('Maker AG')), ber(0x81, text('IED-7')), ber(0x82, text('3.1')));
      const body = ber(0xa1, '020101', ber(0xa2, answer));
      return bytes('02f080', '01000100', ber(0x61, ber(0x30, '020103', ber(0xa0, body))));
    })(),
    says: ['vendor=Maker AG', 'model=IED-7', 'firmware=3.1'],
  },
  {
    source: 'hart_ip',
    name: 'command 0 of HART 7',
    data: bytes(
      '0101030000010025',
      '06c0001800 10'.replaceAll(' ', ''),
      'fe',
      'f9fd',
      0,
      7,
      2,
      0x32,
      0x4e,
      0,
      '95266f',
      '0003',
      '0001',
      '01',
      '00f9',
      '00f9',
      '41',
    ),
    says: [
      'vendor=HART manufacturer 249',
      'model=device type 0xf9fd',
      'firmware=50',
      'hardware_revision=9',
      'serial=95266f',
      'role=io_device',
    ],
  },
  {
    source: 'c37.118',
    name: 'configuration 2 with one unit',
    data: bytes(
      'aa31',
      be16(70),
      be16(7),
      '00000000',
      '00000000',
      '000f4240',
      be16(1),
      padded('STATION A', 16, 0x20),
      be16(7),
      be16(0),
      be16(0),
      be16(0),
      be16(0),
      '0000',
      '0000',
      '0000',
    ),
    says: ['name=STATION A', 'role=protection_relay'],
  },
  {
    source: 'snmp',
    name: 'the system group',
    data: SNMP_RESPONSE,
    says: [
      'description=Siemens, SIMATIC NET, SCALANCE X208, 6GK5 208-0BA10-2AA3, HW: Version 5, FW: Version V05.02.01, SVPX1234567',
      'vendor=Siemens',
      'model=SCALANCE X208',
      'order_number=6GK5 208-0BA10-2AA3',
      'hardware_revision=5',
      'firmware=V05.02.01',
      'serial=SVPX1234567',
      'name=hall-switch',
    ],
  },
  {
    source: 'dhcp',
    name: 'a request',
    data: (() => {
      const head = new Uint8Array(236);
      head.set([1, 1, 6, 0]);
      head.set([2, 0, 0, 0, 0, 9], 28);
      return bytes(head, '63825363', [53, 1, 3], 12, 4, text('HMI1'), 60, 8, text('MSFT 5.0'), 255);
    })(),
    says: ['02:00:00:00:00:09 hostname=HMI1', '02:00:00:00:00:09 software=MSFT 5.0', '02:00:00:00:00:09 os=Windows'],
  },
  {
    source: 'dhcp',
    name: 'an answer of BOOTP with the name that the server has for the device',
    data: (() => {
      const head = new Uint8Array(236);
      head.set([2, 1, 6, 0]);
      head.set([10, 0, 0, 33], 16);
      head.set([2, 0, 0, 0, 0, 9], 28);
      return bytes(head, '63825363', 12, 5, text('PLC-3'), 255);
    })(),
    says: ['10.0.0.33 mac=02:00:00:00:00:09', '10.0.0.33 hostname=PLC-3'],
  },
  {
    source: 'mdns',
    name: "the sender's own name and what it is",
    data: bytes(
      '000084000000000200000000',
      dnsName('hmi1.local'),
      '00018001',
      '00000078',
      be16(4),
      [10, 0, 0, 7],
      dnsName('_device-info._tcp.local'),
      '00100001',
      '00000078',
      be16(13),
      12,
      text('model=Panel7'),
    ),
    says: ['hostname=hmi1', 'model=Panel7'],
  },
  {
    source: 'mdns',
    name: 'a name of somebody else',
    data: bytes('000084000000000100000000', dnsName('plc.local'), '00018001', '00000078', be16(4), [10, 0, 0, 99]),
    says: [],
  },
  {
    source: 'nbns',
    name: 'a registration',
    data: bytes(
      '0001',
      be16(0x2910),
      '0001000000000001',
      netbiosName('HMI1', 0),
      '00200001',
      'c00c',
      '00200001',
      '00000000',
      be16(6),
      '0000',
      [10, 0, 0, 7],
    ),
    says: ['hostname=HMI1'],
  },
  {
    source: 'browser',
    name: 'a host announcement',
    data: bytes(
      0x11,
      2,
      '0001',
      [10, 0, 0, 7],
      '008a',
      '0000',
      '0000',
      netbiosName('HMI1', 0),
      netbiosName('WORKGROUP', 0x1d),
      new Uint8Array(40),
      text('\\MAILSLOT\\BROWSE'),
      0,
      BROWSER_BODY,
    ),
    says: ['hostname=HMI1', 'os=Windows 7', 'role=workstation', 'description=Filter hall'],
  },
  {
    source: 'smb',
    name: 'the NTLM challenge',
    data: bytes('000000ff', 'fe534d42', new Uint8Array(8), 1, new Uint8Array(63), NTLM_CHALLENGE),
    says: ['os=Windows 7 / Windows Server 2008 R2 (build 7601)', 'hostname=HMI1'],
  },
  {
    source: 'smb',
    name: 'the answer to a session setup of SMB 1, in Unicode',
    data: (() => {
      const texts = bytes(utf16le('Windows 5.1'), '0000', utf16le('Windows 2000 LAN Manager'), '0000');
      const words = bytes(4, 'ff000000', '0000', le16(3));
      return bytes(
        '00000060',
        'ff534d42',
        0x73,
        '00000000',
        0x88,
        le16(0x8000),
        new Uint8Array(20),
        words,
        le16(texts.length + 3),
        'a1a1a1',
        texts,
      );
    })(),
    says: ['os=Windows XP'],
  },
  {
    source: 'smb',
    name: 'a session setup of SMB 1 with passwords, not in Unicode',
    data: (() => {
      const words = bytes(13, 'ff000000', new Uint8Array(10), le16(2), le16(3), new Uint8Array(8));
      const texts = latin('hmi\0WORKGROUP\0Unix\0Samba 3.0.20-Debian\0');
      return bytes(
        '00000060',
        'ff534d42',
        0x73,
        '00000000',
        0x08,
        le16(0),
        new Uint8Array(20),
        words,
        le16(texts.length + 5),
        '5050505050',
        texts,
      );
    })(),
    says: ['os=Unix', 'software=Samba 3.0.20-Debian'],
  },
  {
    source: 'http',
    name: 'a page of a device',
    data: text(
      'HTTP/1.1 200 OK\r\nServer: Hirschmann RSP\r\nContent-Type: text/html\r\n\r\n<html><title>RSP 35</title>',
    ),
    says: ['software=Hirschmann RSP', 'vendor=Hirschmann', 'description=RSP 35'],
  },
  {
    source: 'ssh',
    name: 'a banner',
    data: text('SSH-2.0-OpenSSH_8.4p1 Debian-5\r\n'),
    says: ['software=OpenSSH_8.4p1 Debian-5', 'os=Debian'],
  },
  {
    source: 'greeting',
    name: 'FTP of a module',
    data: text('220 Schneider Electric BMX NOE FTP server ready\r\n'),
    says: ['software=Schneider Electric BMX NOE FTP server ready', 'vendor=Schneider Electric'],
  },
  {
    source: 'telnet',
    name: 'a banner behind the negotiation',
    data: bytes('fffd18fffb01', text('\r\nMoxa EDS-408A\r\nlogin: ')),
    says: ['description=Moxa EDS-408A', 'vendor=Moxa', 'model=EDS-408A'],
  },
  {
    source: 'ssdp',
    name: 'a notification',
    data: text('NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nSERVER: Linux/3.14 UPnP/1.0 IpBridge/1.2\r\n\r\n'),
    says: ['software=Linux/3.14 UPnP/1.0 IpBridge/1.2', 'os=Linux 3.14'],
  },
  {
    source: 'vnc',
    name: 'the first line',
    data: text('RFB 003.008\n'),
    says: ['software=VNC server, RFB 003.008'],
  },
  {
    source: 'fox',
    name: 'hello',
    data: text('fox a 0 -1 fox hello\n{\nhostName=s:ctrl-1\napp.version=s:4.8.0\nbrandId=s:Maker\n};;\n'),
    says: ['hostname=ctrl-1', 'firmware=4.8.0', 'vendor=Maker'],
  },
  {
    source: 'ads',
    name: 'device info',
    data: bytes(
      '0000',
      '38000000',
      new Uint8Array(16),
      le16(1),
      le16(5),
      '18000000',
      '00000000',
      '01000000',
      '00000000',
      [3, 1, ...le16(4024)],
      padded('TwinCAT System', 16),
    ),
    says: ['vendor=Beckhoff', 'software=TwinCAT System 3.1.4024'],
  },
  {
    source: 'melsec',
    name: 'the type name',
    data: bytes('d0000000ff03001400', le16(0), padded('Q03UDVCPU', 16, 0x20), '6603'),
    says: ['vendor=Mitsubishi Electric', 'model=Q03UDVCPU', 'role=plc'],
  },
  {
    source: 'mqtt',
    name: 'connect',
    data: bytes(0x10, 20, be16(4), text('MQTT'), 4, 2, be16(60), be16(8), text('pump-017')),
    says: ['software=MQTT client pump-017'],
    message: { isFromServer: false },
  },
  {
    source: 'knx',
    name: 'a description',
    data: bytes(
      '061002040000',
      54,
      1,
      2,
      0,
      be16(0x1101),
      '0000',
      '00fa12345678',
      'e000170c',
      '020000000011',
      padded('IP router', 30),
    ),
    says: ['name=IP router', 'serial=00fa12345678', 'mac=02:00:00:00:00:11', 'role=gateway'],
  },
];

/** What the source makes of the bytes, as `Sample.says` has it. */
export function heard(sample: Pick<Sample, 'source' | 'message'>, data: Bytes): string[] {
  const source = IDENTITY_SOURCES.find(({ name }) => name === sample.source);
  if (!source) throw new Error(`no source ${sample.source}`);
  const said: string[] = [];
  if (source.isOfInterest && !source.isOfInterest(data, 0, data.length)) return said;
  const message: Message = {
    buf: data,
    from: 0,
    to: data.length,
    senderIp: IP,
    receiverIp: '10.0.0.1',
    senderMac: MAC,
    isFromServer: true,
    ...sample.message,
  };
  source.read(message, (_name, statement) => said.push(shown(statement)));
  return said;
}

function shown({ about, unit, field, value }: Statement): string {
  const whom = about === undefined ? '' : `${'ip' in about ? about.ip : about.mac} `;
  return `${unit === undefined || unit < 0 ? '' : `#${unit} `}${whom}${field}=${value}`;
}
