import type { Phrases } from '../phrases.js';
import { anomalies } from './anomalies.js';
import { detections } from './detections.js';
import { health } from './health.js';
import { ruleAdvice } from './rules-advice.js';
import { anyRules } from './rules-any.js';
import { connectionRules } from './rules-connection.js';
import { modbusRules } from './rules-modbus.js';
import { opcuaRules } from './rules-opcua.js';
import { s7Rules } from './rules-s7.js';

/** Everything that the sensor says, in German. */
export const sensorDe: Phrases = {
  ...anomalies,
  ...detections,
  ...health,
  ...ruleAdvice,
  ...anyRules,
  ...connectionRules,
  ...modbusRules,
  ...opcuaRules,
  ...s7Rules,
};
