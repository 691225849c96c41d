import { u16le } from '../../model/bytes.js';
import type { Tell } from '../source.js';
import { cleanText, isReadable, utf16Text } from '../text.js';
import { windowsName } from './netbios.js';

const SESSION_SETUP = 0x73;
const REPLY = 0x80;
const UNICODE = 0x8000;
const HEADER = 32;
/** Words of the four forms: answers without and with a security blob, requests with one and with passwords. */
const WORDS = { answer: 3, answerWithBlob: 4, requestWithBlob: 12, request: 13 } as const;
const MAX_TEXT = 256;

/**
 * SMB 1 session setup (MS-CIFS 2.2.4.53, MS-SMB 2.2.4.6): both ends tell their operating system and LAN manager.
 * `at`: where `\xffSMB` stands.
 */
export function sessionSetup(buf: Uint8Array, at: number, to: number, tell: Tell): void {
  const words = at + HEADER;
  if (to - words < 1 || buf[at + 4] !== SESSION_SETUP) return;
  const isReply = (buf[at + 9]! & REPLY) !== 0;
  const count = buf[words]!;
  const data = words + 1 + 2 * count + 2;
  if (to - data < 2) return;
  let texts = data;
  let skipped = 0;
  if (isReply && count === WORDS.answerWithBlob) texts += u16le(buf, words + 1 + 6);
  else if (!isReply && count === WORDS.requestWithBlob) texts += u16le(buf, words + 1 + 14);
  else if (!isReply && count === WORDS.request) {
    texts += u16le(buf, words + 1 + 14) + u16le(buf, words + 1 + 16);
    // Account and domain stand in front.
    skipped = 2;
  } else if (!isReply || count !== WORDS.answer) return;
  const isUnicode = (u16le(buf, at + 10) & UNICODE) !== 0;
  // Unicode begins at an even distance from the header.
  if (isUnicode && (texts - at) % 2 === 1) texts++;
  const values: string[] = [];
  while (values.length < skipped + 2) {
    const end = endOf(buf, texts, to, isUnicode ? 2 : 1);
    if (end < 0) break;
    values.push(isUnicode ? utf16Text(buf, texts, end, false) : cleanText(buf, texts, end));
    texts = end + (isUnicode ? 2 : 1);
  }
  const [system = '', manager = ''] = values.slice(skipped);
  const source = 'smb.session_setup';
  const version = /^Windows (\d{1,2}\.\d)$/.exec(system)?.[1];
  if (isReadable(system))
    tell(source, {
      field: 'os',
      value: version === undefined ? system : windowsName(version, null),
      confidence: system === 'Unix' ? 40 : 68,
    });
  // Samba says its version here, Windows something general.
  if (isReadable(manager) && !manager.startsWith('Windows'))
    tell(source, { field: 'software', value: manager, confidence: 60 });
}

/** Where the zero behind the text stands, or -1. */
function endOf(buf: Uint8Array, from: number, to: number, width: number): number {
  let at = from;
  while (at + width <= to && at - from < MAX_TEXT && (buf[at] !== 0 || (width === 2 && buf[at + 1] !== 0))) at += width;
  return at + width <= to && at - from < MAX_TEXT ? at : -1;
}
