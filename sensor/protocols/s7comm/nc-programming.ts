import { hex, wireText } from '../../model/bytes.js';

/** Files of an NC (Sinumerik) that are loaded and copied in userdata; subfunctions of its group. */
const SUBFUNCTION = {
  REQUEST_DOWNLOAD: 1,
  DOWNLOAD_BLOCK: 2,
  CONTINUE_DOWNLOAD: 3,
  START_UPLOAD: 6,
  UPLOAD: 7,
  CONTINUE_UPLOAD: 8,
} as const;
const WITH_CONTENT: ReadonlySet<number> = new Set([
  SUBFUNCTION.DOWNLOAD_BLOCK,
  SUBFUNCTION.START_UPLOAD,
  SUBFUNCTION.UPLOAD,
]);

/** Before the parts of a file: two bytes of no known meaning. */
const PREFIX = 2;
/** Before a file's first part: its length and time as text, both of them blank for a directory. */
const LENGTH = 8;
const TIME = 16;
const FILE_HEAD = /^[ 0-9]{24}$/;
const LINE_FEED = 0x0a;

/** Sets `file` and, of a file's content, `data`; false where `buf[from, to)` is none that is known. */
export function ncFields(
  fields: Record<string, unknown>,
  subfunction: number,
  isRequest: boolean,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (isRequest) return requestFields(fields, subfunction, buf, from, to);
  if (WITH_CONTENT.has(subfunction) && to - from > PREFIX) {
    contentFields(fields, buf, from + PREFIX, to);
    return true;
  }
  const isAcknowledged =
    subfunction === SUBFUNCTION.REQUEST_DOWNLOAD ||
    subfunction === SUBFUNCTION.CONTINUE_DOWNLOAD ||
    subfunction === SUBFUNCTION.CONTINUE_UPLOAD;
  if (!isAcknowledged || to - from < 2) return false;
  fields['file'] = { unacknowledged_parts: buf[from]! };
  return true;
}

/** The request to copy has the number of parts that may be sent without an acknowledgement before the name. */
function requestFields(
  fields: Record<string, unknown>,
  subfunction: number,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (subfunction === SUBFUNCTION.REQUEST_DOWNLOAD) fields['file'] = { name: wireText(buf, from, to) };
  else if (subfunction === SUBFUNCTION.START_UPLOAD && to - from > 2) {
    fields['file'] = { name: wireText(buf, from + 2, to), unacknowledged_parts: buf[from]! };
  } else return false;
  return true;
}

/** The first part says what the file is, the others are content only. */
function contentFields(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): void {
  const head = to - from >= LENGTH + TIME ? wireText(buf, from, from + LENGTH + TIME) : '';
  let at = from;
  if (FILE_HEAD.test(head)) {
    const file: Record<string, unknown> = {};
    const [length, time] = [head.slice(0, LENGTH).trim(), head.slice(LENGTH).trim()];
    if (/^\d+$/.test(length)) file['length'] = Number(length);
    if (time !== '') file['time'] = time;
    at += LENGTH + TIME;
    const lineEnd = buf.subarray(at, to).indexOf(LINE_FEED);
    if (lineEnd >= 0) {
      file['path'] = wireText(buf, at, at + lineEnd);
      at += lineEnd + 1;
    }
    fields['file'] = file;
  }
  if (at < to) fields['data'] = hex(buf, at, to);
}
