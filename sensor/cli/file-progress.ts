import { statSync } from 'node:fs';
import { type FileSource, STANDARD_INPUT } from '../capture/file-source.js';
import { EXIT } from './cli-error.js';

/** How far the reading of capture files is. Bytes of the files as they lie on the disk. */
export interface FileProgress {
  readonly read: number;
  /** 0 where it is not known: standard input. */
  readonly size: number;
  readonly packets: number;
}

/** `sources`: those that have begun, in the order of the files. */
export function fileProgress(paths: readonly string[], sources: readonly FileSource[], packets: number): FileProgress {
  const sizes = paths.map((path) =>
    path === STANDARD_INPUT ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
  );
  return {
    read: sources.reduce((sum, source) => sum + source.bytesRead, 0),
    size: sizes.includes(0) ? 0 : sizes.reduce((sum, size) => sum + size, 0),
    packets,
  };
}

let listens = false;

/** One line of NDJSON on standard error, for the program that started this one; when that is gone, we end as well. */
export function tellProgress(progress: FileProgress): void {
  if (!listens) process.stderr.once('error', () => process.exit(EXIT.failed));
  listens = true;
  process.stderr.write(`${JSON.stringify({ progress })}\n`);
}
