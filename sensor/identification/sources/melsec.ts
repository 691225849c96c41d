import { u16le } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable } from '../text.js';

/** Models as Mitsubishi Electric names them: `FX5U-32M/ES`, `Q03UDVCPU`, `R04ENCPU`, `L02SCPU`. */
const MODEL = /\b(?:FX[35][A-Z]{0,3}-\d{1,3}[A-Z0-9/-]{0,10}|[QLR]\d{2}[A-Z0-9]{0,8}CPU(?:-[A-Z]{1,4})?)/;
const SLMP_RESPONSE = 0xd0;
const MELSOFT_RESPONSE = new Set([0xd7, 0xda]);

/** Mitsubishi MELSEC: answers of SLMP and of the engineering protocol that contain a model's name. */
export const melsec: IdentitySource = {
  name: 'melsec',
  udpPorts: [5560, 5561, 5006, 5007],
  tcpPorts: [5562, 5006, 5007],
  stream: 'messages',
  isOfInterest: (buf, from, to) =>
    to - from >= 16 && ((buf[from] === SLMP_RESPONSE && buf[from + 1] === 0) || MELSOFT_RESPONSE.has(buf[from]!)),
  read({ buf, from, to }, tell) {
    if (buf[from] === SLMP_RESPONSE && u16le(buf, from + 9) !== 0) return false;
    const text = Buffer.from(buf.buffer, buf.byteOffset + from, Math.min(to - from, 512)).toString('latin1');
    const model = MODEL.exec(text)?.[0];
    if (model === undefined || !isReadable(model)) return false;
    tell('melsec', { field: 'vendor', value: 'Mitsubishi Electric', confidence: 85 });
    tell('melsec', { field: 'model', value: cleanText(Buffer.from(model, 'latin1'), 0, model.length), confidence: 88 });
    tell('melsec', { field: 'role', value: 'plc', confidence: 80 });
    return false;
  },
};
