/**
 * The techniques of MITRE ATT&CK for ICS (v19 ids) by tactic, and how far a sensor that only listens to the network can
 * see them: what it cannot see must not count as a gap of the rules.
 */
export type Visibility = 'yes' | 'partly' | 'no';

export const TACTICS = [
  'Initial Access',
  'Execution',
  'Persistence',
  'Privilege Escalation',
  'Evasion',
  'Discovery',
  'Lateral Movement',
  'Collection',
  'Command and Control',
  'Inhibit Response Function',
  'Impair Process Control',
  'Impact',
] as const;
export type Tactic = (typeof TACTICS)[number];

/** Id, name, tactics by their place in TACTICS, visibility. */
const TABLE: readonly (readonly [id: string, name: string, tactics: readonly number[], visibility: Visibility])[] = [
  ['T0800', 'Activate Firmware Update Mode', [9], 'yes'],
  ['T0801', 'Monitor Process State', [7], 'yes'],
  ['T0802', 'Automated Collection', [7], 'yes'],
  ['T0806', 'Brute Force I/O', [10], 'yes'],
  ['T0807', 'Command-Line Interface', [1], 'partly'],
  ['T0809', 'Data Destruction', [9], 'partly'],
  ['T0811', 'Data from Information Repositories', [7], 'partly'],
  ['T0813', 'Denial of Control', [11], 'partly'],
  ['T0814', 'Denial of Service', [9], 'yes'],
  ['T0815', 'Denial of View', [11], 'partly'],
  ['T0816', 'Device Restart/Shutdown', [9], 'yes'],
  ['T0817', 'Drive-by Compromise', [0], 'partly'],
  ['T0819', 'Exploit Public-Facing Application', [0], 'partly'],
  ['T0820', 'Exploitation for Evasion', [4], 'no'],
  ['T0821', 'Modify Controller Tasking', [1], 'partly'],
  ['T0822', 'External Remote Services', [0], 'yes'],
  ['T0823', 'Graphical User Interface', [1], 'partly'],
  ['T0826', 'Loss of Availability', [11], 'partly'],
  ['T0827', 'Loss of Control', [11], 'partly'],
  ['T0828', 'Loss of Productivity and Revenue', [11], 'no'],
  ['T0829', 'Loss of View', [11], 'partly'],
  ['T0830', 'Adversary-in-the-Middle', [7], 'yes'],
  ['T0831', 'Manipulation of Control', [11], 'partly'],
  ['T0832', 'Manipulation of View', [11], 'partly'],
  ['T0834', 'Native API', [1], 'no'],
  ['T0835', 'Manipulate I/O Image', [9], 'partly'],
  ['T0836', 'Modify Parameter', [10], 'yes'],
  ['T0837', 'Loss of Protection', [11], 'partly'],
  ['T0838', 'Modify Alarm Settings', [9], 'partly'],
  ['T0840', 'Network Connection Enumeration', [5], 'no'],
  ['T0842', 'Network Sniffing', [5], 'no'],
  ['T0843', 'Program Download', [6], 'yes'],
  ['T0845', 'Program Upload', [7], 'yes'],
  ['T0846', 'Remote System Discovery', [5], 'yes'],
  ['T0847', 'Replication Through Removable Media', [0], 'no'],
  ['T0848', 'Rogue Master', [0], 'yes'],
  ['T0849', 'Masquerading', [4], 'partly'],
  ['T0851', 'Rootkit', [4, 9], 'no'],
  ['T0852', 'Screen Capture', [7], 'no'],
  ['T0853', 'Scripting', [1], 'no'],
  ['T0858', 'Change Operating Mode', [1, 4], 'yes'],
  ['T0859', 'Valid Accounts', [2, 6], 'partly'],
  ['T0860', 'Wireless Compromise', [0], 'partly'],
  ['T0861', 'Point & Tag Identification', [7], 'yes'],
  ['T0862', 'Supply Chain Compromise', [0], 'no'],
  ['T0863', 'User Execution', [1], 'no'],
  ['T0864', 'Transient Cyber Asset', [0], 'yes'],
  ['T0865', 'Spearphishing Attachment', [0], 'partly'],
  ['T0866', 'Exploitation of Remote Services', [0, 6], 'partly'],
  ['T0867', 'Lateral Tool Transfer', [6], 'yes'],
  ['T0868', 'Detect Operating Mode', [7], 'yes'],
  ['T0869', 'Standard Application Layer Protocol', [8], 'yes'],
  ['T0871', 'Execution through API', [1], 'partly'],
  ['T0872', 'Indicator Removal on Host', [4], 'no'],
  ['T0873', 'Project File Infection', [2], 'no'],
  ['T0874', 'Hooking', [1, 3], 'no'],
  ['T0877', 'I/O Image', [7], 'partly'],
  ['T0878', 'Alarm Suppression', [9], 'partly'],
  ['T0879', 'Damage to Property', [11], 'no'],
  ['T0880', 'Loss of Safety', [11], 'no'],
  ['T0881', 'Service Stop', [9], 'partly'],
  ['T0882', 'Theft of Operational Information', [11], 'partly'],
  ['T0883', 'Internet Accessible Device', [0], 'yes'],
  ['T0884', 'Connection Proxy', [8], 'yes'],
  ['T0885', 'Commonly Used Port', [8], 'yes'],
  ['T0886', 'Remote Services', [0, 6], 'yes'],
  ['T0887', 'Wireless Sniffing', [5, 7], 'no'],
  ['T0888', 'Remote System Information Discovery', [5], 'yes'],
  ['T0889', 'Modify Program', [2], 'yes'],
  ['T0890', 'Exploitation for Privilege Escalation', [3], 'no'],
  ['T0892', 'Change Credential', [9], 'partly'],
  ['T0893', 'Data from Local System', [7], 'no'],
  ['T0894', 'System Binary Proxy Execution', [4], 'no'],
  ['T0895', 'Autorun Image', [1], 'no'],
  ['T1691', 'Block Operational Technology Message', [9], 'partly'],
  ['T1692', 'Unauthorized Message', [4, 10], 'yes'],
  ['T1693', 'Modify Firmware', [2, 9, 10], 'yes'],
  ['T1694', 'Insecure Credentials', [2, 6], 'yes'],
  ['T1695', 'Block Communications', [9], 'partly'],
];

/** Ids up to v18 that rules and older alerts name, and where they have gone. */
const MOVED: Readonly<Record<string, string>> = {
  T0803: 'T1691',
  T0804: 'T1691',
  T0805: 'T1695',
  T0812: 'T1694',
  T0839: 'T1693',
  T0855: 'T1692',
  T0856: 'T1692',
  T0857: 'T1693',
  T0891: 'T1694',
};

/** The technique's present id, without its sub-technique. */
export function presentId(id: string): string {
  const [main = id] = id.split('.', 1);
  return Object.hasOwn(MOVED, main) ? (MOVED[main] ?? main) : main;
}

export interface Technique {
  readonly id: string;
  readonly name: string;
  readonly tactics: readonly Tactic[];
  readonly visibility: Visibility;
}

export const TECHNIQUES: readonly Technique[] = TABLE.map(([id, name, tactics, visibility]) => ({
  id,
  name,
  tactics: tactics.map((index) => TACTICS[index]).filter((tactic) => tactic !== undefined),
  visibility,
}));
