import { berElement } from '../ber.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable } from '../text.js';

/** Application id, length and two reserved words stand in front. */
const HEADER = 8;
const PDU = 0x61;
const CONTROL_BLOCK = 0x80;

/**
 * IEC 61850-8-1 GOOSE: devices publish under the reference of their control block, `BAY1LD0/LLN0$GO$gcb01`. What stands
 * before the slash is the name of the device with that of its logical device.
 */
export const goose: IdentitySource = {
  name: 'goose',
  etherTypes: [0x88b8],
  read({ buf, from, to, senderMac }, tell) {
    if (senderMac === null) return false;
    const pdu = berElement(buf, from + HEADER, to);
    const block = pdu?.tag === PDU ? berElement(buf, pdu.from, pdu.to) : null;
    if (block?.tag !== CONTROL_BLOCK) return false;
    const name = /^([\w-]{1,64})\//.exec(cleanText(buf, block.from, block.to))?.[1];
    if (name === undefined || !isReadable(name)) return false;
    const about = { mac: senderMac };
    tell('goose', { about, field: 'mac', value: senderMac, confidence: 60 });
    tell('goose', { about, field: 'name', value: name, confidence: 60 });
    tell('goose', { about, field: 'role', value: 'protection_relay', confidence: 55 });
    return false;
  },
};
