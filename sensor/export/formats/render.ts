import { SHORTEST, shortenEvent } from '../build-event.js';
import type { ExportEvent } from '../event.js';
import { cutBytes } from '../text.js';
import type { Format } from './format.js';

/**
 * The message within `maxBytes` of UTF-8: texts are shortened step by step until it fits, and `truncated` says so. A
 * message of texts that even then do not fit (which no bound of ours allows) is cut for line formats and reduced to its
 * title for JSON, so that it stays well formed.
 */
export function renderWithin(
  format: Format,
  event: ExportEvent,
  maxBytes: number,
): { text: string; isShortened: boolean } {
  let line = format.render(event);
  // Three bytes at most for each UTF-16 unit: most messages are known to fit without being measured.
  if (line.length * 3 <= maxBytes || Buffer.byteLength(line) <= maxBytes) return { text: line, isShortened: false };
  for (let step = 1; step <= SHORTEST; step++) {
    line = format.render(shortenEvent(event, step));
    if (Buffer.byteLength(line) <= maxBytes) return { text: line, isShortened: true };
  }
  // Half an escape at the cut would swallow what follows.
  if (!format.isJson) return { text: cutBytes(line, maxBytes).replace(/\\+$/, ''), isShortened: true };
  const { alert: _alert, asset: _asset, audit: _audit, storm: _storm, ...rest } = shortenEvent(event, SHORTEST);
  return { text: format.render(rest), isShortened: true };
}
