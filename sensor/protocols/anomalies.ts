import type { AnomalyDef } from '../model/anomaly.js';

/** Oddities that every protocol can show. */
export const APPLAYER = {
  unusualPort: {
    code: 'applayer.unusual_port',
    layer: 'applayer',
    title: 'Industrial protocol on an unusual port',
    description:
      'An industrial protocol runs on a port that is not its own. It may be configured that way, or somebody hides traffic from monitoring that looks at ports only.',
    severity: 'medium',
  },
  responseMismatch: {
    code: 'applayer.response_mismatch',
    layer: 'applayer',
    title: 'The answer does not fit the request',
    description:
      'The device answered another operation than the one the sensor saw being asked. The answer shows what the device executed: the request that the sensor saw may have been a decoy.',
    severity: 'high',
  },
  dissectorError: {
    code: 'applayer.dissector_error',
    layer: 'applayer',
    title: 'The sensor failed to read a connection',
    description:
      'A fault in Fieldwatch stopped the analysis of one connection; all others go on. Please report it with the packets of this alert.',
    severity: 'high',
  },
} as const satisfies Record<string, AnomalyDef>;
