import type { AttackTechnique } from './records.js';

/** Techniques of MITRE ATT&CK for ICS (v18 ids) that our detections name. */
const TECHNIQUES: Readonly<Record<string, readonly [name: string, tactic: string]>> = {
  T0801: ['Monitor Process State', 'Collection'],
  T0806: ['Brute Force I/O', 'Impair Process Control'],
  T0814: ['Denial of Service', 'Inhibit Response Function'],
  T0815: ['Denial of View', 'Impact'],
  T0816: ['Device Restart/Shutdown', 'Inhibit Response Function'],
  T0820: ['Exploitation for Evasion', 'Evasion'],
  T0826: ['Loss of Availability', 'Impact'],
  T0830: ['Adversary-in-the-Middle', 'Collection'],
  T0831: ['Manipulation of Control', 'Impact'],
  T0832: ['Manipulation of View', 'Impact'],
  T0836: ['Modify Parameter', 'Impair Process Control'],
  T0843: ['Program Download', 'Lateral Movement'],
  T0845: ['Program Upload', 'Collection'],
  T0840: ['Network Connection Enumeration', 'Discovery'],
  T0846: ['Remote System Discovery', 'Discovery'],
  T0848: ['Rogue Master', 'Initial Access'],
  T0849: ['Masquerading', 'Evasion'],
  T0855: ['Unauthorized Command Message', 'Impair Process Control'],
  T0856: ['Spoof Reporting Message', 'Impair Process Control'],
  T0858: ['Change Operating Mode', 'Execution'],
  T0861: ['Point & Tag Identification', 'Collection'],
  T0864: ['Transient Cyber Asset', 'Initial Access'],
  T0869: ['Standard Application Layer Protocol', 'Command and Control'],
  T0878: ['Alarm Suppression', 'Inhibit Response Function'],
  T0883: ['Internet Accessible Device', 'Initial Access'],
  T0885: ['Commonly Used Port', 'Command and Control'],
  T0888: ['Remote System Information Discovery', 'Discovery'],
  'T1693.001': ['System Firmware', 'Persistence'],
};

/** Unknown ids are kept, without a name, so that a rule's own tag is never lost. */
export function attackTechnique(id: string): AttackTechnique {
  const known = TECHNIQUES[id];
  return { technique: id, name: known?.[0] ?? '', tactic: known?.[1] ?? '' };
}
