import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UsageError } from './cli-error.js';

/** Up to here a file is read at once, so that it may be an array or one object over many lines. */
const WHOLE_FILE = 128 * 1024 * 1024;
const MAX_TOLD = 20;

type Event = Record<string, unknown>;

/**
 * Reads events and hands them over one by one: NDJSON, a JSON array, one JSON object, or several behind each other.
 * Returns sentences about what could not be read; throws `UsageError` when that is everything.
 */
export async function readEvents(path: string, handle: (event: Event) => void): Promise<string[]> {
  const isStandardInput = path === '-';
  try {
    if (!isStandardInput && statSync(path).size > WHOLE_FILE) return await readLines(path, handle);
    const bytes = readFileSync(isStandardInput ? 0 : path);
    // PowerShell writes UTF-16 by default.
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return readText(bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\uFEFF/, ''), path, handle);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError(`the events file ${path} cannot be read: ${error.message}`);
  }
}

function readText(text: string, path: string, handle: (event: Event) => void): string[] {
  if (text.trim() === '') return [];
  const whole = parsed(text);
  if (whole !== undefined) return take(whole, path, handle);
  const damaged: string[] = [];
  let taken = 0;
  for (const { json, line } of jsonTexts(text)) {
    const value = parsed(json);
    const events = value === undefined ? null : eventsOf(value);
    if (events === null) damaged.push(`${path}:${line}: this is no JSON object, and it was left out`);
    else {
      for (const event of events) handle(event);
      taken += events.length;
    }
  }
  if (taken === 0) throw new UsageError(`the events file ${path} holds no JSON objects`);
  return shortened(damaged);
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eventsOf(value: unknown): Event[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const isEvent = (item: unknown): item is Event => typeof item === 'object' && item !== null && !Array.isArray(item);
  return list.every(isEvent) ? list : null;
}

function take(value: unknown, path: string, handle: (event: Event) => void): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const damaged: string[] = [];
  for (const [index, item] of list.entries()) {
    const events = Array.isArray(item) ? null : eventsOf(item);
    if (events === null) damaged.push(`${path}: entry ${index} is no JSON object, and it was left out`);
    else handle(events[0]!);
  }
  if (damaged.length === list.length && list.length > 0)
    throw new UsageError(`the events file ${path} holds no JSON objects`);
  return shortened(damaged);
}

function shortened(sentences: readonly string[]): string[] {
  if (sentences.length <= MAX_TOLD) return [...sentences];
  return [...sentences.slice(0, MAX_TOLD), `and ${sentences.length - MAX_TOLD} more`];
}

/** JSON texts that stand behind each other: one a line, or objects over several lines. */
function* jsonTexts(text: string): Generator<{ json: string; line: number }> {
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at]!.trim();
    if (first === '') continue;
    if (parsed(first) !== undefined) {
      yield { json: first, line: at + 1 };
      continue;
    }
    // An object that goes on ends on the line where all its brackets are closed.
    const counter = new BracketCounter();
    let end = at;
    while (end < lines.length && !counter.closes(lines[end]!)) end++;
    const isClosed = end < lines.length && end > at;
    yield { json: isClosed ? lines.slice(at, end + 1).join('\n') : first, line: at + 1 };
    if (isClosed) at = end;
  }
}

class BracketCounter {
  #depth = 0;
  #isText = false;

  /** Whether all brackets are closed at the end of this line. */
  closes(line: string): boolean {
    for (let at = 0; at < line.length; at++) {
      const character = line[at]!;
      if (this.#isText && character === '\\') at++;
      else if (character === '"') this.#isText = !this.#isText;
      else if (!this.#isText && (character === '{' || character === '[')) this.#depth++;
      else if (!this.#isText && (character === '}' || character === ']')) this.#depth--;
    }
    // No text of JSON goes over a line.
    this.#isText = false;
    return this.#depth <= 0;
  }
}

async function readLines(path: string, handle: (event: Event) => void): Promise<string[]> {
  const damaged: string[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    const value = parsed(text);
    const events = value === undefined ? null : eventsOf(value);
    if (events !== null) for (const event of events) handle(event);
    else if (damaged.length <= MAX_TOLD) damaged.push(`${path}:${line}: this is no JSON object, and it was left out`);
  }
  return shortened(damaged);
}
