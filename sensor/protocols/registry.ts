import { createIsoOnTcp } from './cotp/index.js';
import type { Dissector } from './dissector.js';
import { createMms } from './mms/index.js';
import { createModbus } from './modbus/index.js';
import { createOpcUa } from './opcua/index.js';
import { createS7comm } from './s7comm/index.js';
import { createS7CommPlus } from './s7comm-plus/index.js';

/** The protocols that are dissected. One line each; the order is that in which unknown ports are tried. */
export function createDissectors(): readonly Dissector[] {
  return [createModbus(), createIsoOnTcp([createS7comm(), createS7CommPlus(), createMms()]), createOpcUa()];
}
