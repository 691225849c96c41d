/** Makers by the numbers that protocols give them. Where a number is not here, the number itself is told. */

/** ODVA vendor ids that are met often. */
const CIP: Readonly<Record<number, string>> = {
  1: 'Rockwell Automation/Allen-Bradley',
  40: 'WAGO',
  47: 'Omron',
  90: 'HMS Industrial Networks',
  108: 'Beckhoff',
  161: 'Mitsubishi Electric',
  243: 'Schneider Electric',
  283: 'Hilscher',
  309: 'ProSoft Technology',
  678: 'Cognex',
  808: 'SICK',
};

/** CIP device profiles, ODVA volume 1 chapter 6. */
export const CIP_DEVICE_TYPE = { acDrive: 0x02, adapter: 0x0c, plc: 0x0e, hmi: 0x18, switch: 0x2c } as const;

/** ASHRAE vendor ids. */
const BACNET: Readonly<Record<number, string>> = {
  0: 'ASHRAE',
  2: 'Trane',
  5: 'Johnson Controls',
  7: 'Siemens',
  8: 'Delta Controls',
  10: 'Schneider Electric',
  17: 'Honeywell',
  18: 'Alerton',
  24: 'Automated Logic',
  35: 'Reliable Controls',
  36: 'Tridium',
};

/** PROFIBUS & PROFINET International's vendor ids. */
const PROFINET: Readonly<Record<number, string>> = { 42: 'Siemens', 176: 'Phoenix Contact' };

/** IANA private enterprise numbers (iana.org/assignments/enterprise-numbers) of makers met in plants. */
const ENTERPRISE: Readonly<Record<number, string>> = {
  2: 'IBM',
  9: 'Cisco',
  11: 'Hewlett-Packard',
  43: '3Com',
  171: 'D-Link',
  207: 'Allied Telesis',
  248: 'Hirschmann',
  311: 'Microsoft',
  318: 'APC',
  343: 'Intel',
  674: 'Dell',
  890: 'Zyxel',
  1916: 'Extreme Networks',
  2011: 'Huawei',
  2435: 'Brother',
  2636: 'Juniper Networks',
  4196: 'Siemens',
  4329: 'Siemens',
  4346: 'Phoenix Contact',
  4526: 'Netgear',
  6876: 'VMware',
  8072: 'Net-SNMP',
  8691: 'Moxa',
  11256: 'Stormshield',
  12356: 'Fortinet',
  13576: 'WAGO',
  14988: 'MikroTik',
  15004: 'RuggedCom',
  16177: 'Westermo',
  3833: 'Schneider Electric',
  95: 'Rockwell Automation',
};

export const cipVendor = (id: number): string | undefined => CIP[id];
export const bacnetVendor = (id: number): string | undefined => BACNET[id];
export const profinetVendor = (id: number): string | undefined => PROFINET[id];
export const enterpriseVendor = (id: number): string | undefined => ENTERPRISE[id];
