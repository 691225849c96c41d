import type { AnomalyDef } from '../../model/anomaly.js';

export const MMS = {
  malformed: {
    code: 'mms.malformed',
    layer: 'applayer',
    title: 'Damaged MMS message',
    description:
      'The parts of an IEC 61850 or ICCP message contradict its length. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.',
    severity: 'medium',
  },
} as const satisfies Record<string, AnomalyDef>;
