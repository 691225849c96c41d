/**
 * Strict readers of what we send, written after the published grammars and sharing nothing with the writers. Each throws
 * at the first thing that the grammar does not allow.
 */

export interface Rfc5424 {
  priority: number;
  timestamp: string;
  host: string;
  app: string;
  procid: string;
  msgid: string;
  sd: Record<string, Record<string, string>>;
  msg: string;
}

const SD_NAME = /^[!#-<>-\\^-~]{1,32}$/;

/** RFC 5424 section 6. */
export function parseRfc5424(line: string): Rfc5424 {
  const head = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) /.exec(line);
  if (!head) throw new Error('no header');
  const [whole, priority = '', timestamp = '', host = '', app = '', procid = '', msgid = ''] = head;
  if (Number(priority) > 191 || (priority.length > 1 && priority.startsWith('0'))) throw new Error('priority');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/.test(timestamp)) throw new Error('timestamp');
  for (const [field, max] of [
    [host, 255],
    [app, 48],
    [procid, 128],
    [msgid, 32],
  ] as const)
    if (!/^[!-~]+$/.test(field) || field.length > max) throw new Error(`header field ${field}`);
  let at = whole.length;
  const sd: Rfc5424['sd'] = Object.create(null);
  if (line[at] === '-') at++;
  else {
    if (line[at] !== '[') throw new Error('no structured data');
    while (line[at] === '[') {
      const end = /[ \]]/.exec(line.slice(at + 1));
      if (!end) throw new Error('structured data without end');
      const id = line.slice(at + 1, at + 1 + end.index);
      if (!SD_NAME.test(id) || id in sd) throw new Error(`SD-ID ${id}`);
      const parameters: Record<string, string> = Object.create(null);
      sd[id] = parameters;
      at += 1 + end.index;
      while (line[at] === ' ') {
        const name = /^ ([^=\s"\]]+)="/.exec(line.slice(at));
        if (!name || !SD_NAME.test(name[1] ?? '')) throw new Error(`PARAM-NAME at ${at}`);
        at += name[0].length;
        let value = '';
        for (; ; at++) {
          const character = line[at];
          if (character === undefined) throw new Error('value without end');
          if (character === '"') break;
          if (character === ']') throw new Error('bracket in a value');
          if (character === '\\') {
            const next = line[at + 1];
            if (next !== '"' && next !== '\\' && next !== ']') throw new Error('backslash in a value');
            value += next;
            at++;
          } else value += character;
        }
        at++;
        parameters[name[1] ?? ''] = value;
      }
      if (line[at] !== ']') throw new Error(`structured data at ${at}`);
      at++;
    }
  }
  if (at < line.length && line[at] !== ' ') throw new Error('no space before the message');
  const msg = line.slice(at + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be there.
  if (/[\u0000-\u001f\u007f-\u009f]/.test(line)) throw new Error('control character');
  return { priority: Number(priority), timestamp, host, app, procid, msgid, sd, msg };
}

/** RFC 3164 section 4.1: priority, time without a year, host, a tag of at most 32 characters, content. */
export function parseRfc3164(line: string): { priority: number; host: string; tag: string; content: string } {
  const head =
    /^<(\d{1,3})>(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([ 1-3]\d) (\d\d):(\d\d):(\d\d) ([!-~]+) ([A-Za-z0-9]{1,32}): /.exec(
      line,
    );
  if (!head) throw new Error('no header');
  const [whole, priority = '', , day = '', hour = '', minute = '', second = '', host = '', tag = ''] = head;
  if (Number(priority) > 191 || (priority.length > 1 && priority.startsWith('0'))) throw new Error('priority');
  if (Number(day) < 1 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new Error('timestamp');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be there.
  if (/[\u0000-\u001f\u007f]/.test(line)) throw new Error('control character');
  return { priority: Number(priority), host, tag, content: line.slice(whole.length) };
}

/** ArcSight Common Event Format, version 0. */
export function parseCef(line: string): { header: string[]; extension: Record<string, string> } {
  if (!line.startsWith('CEF:0|')) throw new Error('no CEF:0');
  const header: string[] = [];
  let field = '';
  let at = 'CEF:0|'.length;
  for (; header.length < 6; at++) {
    const character = line[at];
    if (character === undefined) throw new Error(`header ends after ${header.length} fields`);
    if (character === '\\') {
      const next = line[at + 1];
      if (next !== '|' && next !== '\\') throw new Error('backslash in the header');
      field += next;
      at++;
    } else if (character === '|') {
      header.push(field);
      field = '';
    } else field += character;
  }
  if (!/^(\d|10)$/.test(header[5] ?? '')) throw new Error('severity');
  // A key begins the extension or follows a space, and is directly followed by an equal sign that is not escaped.
  const text = line.slice(at);
  const extension: Record<string, string> = Object.create(null);
  const keys = [...text.matchAll(/(?:^| )([A-Za-z0-9_]+)=/g)];
  if (keys.length === 0 || keys[0]?.index !== 0) throw new Error('the extension does not begin with a key');
  keys.forEach((key, n) => {
    const from = (key.index ?? 0) + key[0].length;
    const raw = text.slice(from, keys[n + 1]?.index ?? text.length);
    let value = '';
    for (let i = 0; i < raw.length; i++) {
      if (raw[i] === '=') throw new Error(`equal sign in ${key[1]}`);
      if (raw[i] !== '\\') value += raw[i];
      else {
        const next = raw[++i];
        const meant = { '\\': '\\', '=': '=', n: '\n', r: '\r' }[next ?? ''];
        if (meant === undefined) throw new Error(`backslash in ${key[1]}`);
        value += meant;
      }
    }
    if ((key[1] ?? '') in extension) throw new Error(`${key[1]} twice`);
    extension[key[1] ?? ''] = value;
  });
  return { header, extension };
}

/** IBM LEEF 2.0. */
export function parseLeef(line: string): { header: string[]; attributes: Record<string, string> } {
  const parts = line.split('|');
  const header = parts.slice(0, 6);
  if (header[0] !== 'LEEF:2.0' || parts.length < 7) throw new Error('no LEEF:2.0 header');
  const delimiter = header[5] ?? '';
  if ([...delimiter].length !== 1) throw new Error('delimiter');
  const attributes: Record<string, string> = Object.create(null);
  for (const pair of parts.slice(6).join('|').split(delimiter)) {
    const equal = pair.indexOf('=');
    const key = pair.slice(0, equal);
    if (equal < 1 || !/^[A-Za-z0-9]+$/.test(key)) throw new Error(`attribute ${pair.slice(0, 30)}`);
    if (key in attributes) throw new Error(`${key} twice`);
    attributes[key] = pair.slice(equal + 1);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be there.
  if (/[\u0000-\u001f\u007f]/.test(line)) throw new Error('control character');
  return { header, attributes };
}
