import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { csvStyle } from '../../../sensor/inventory/exchange/csv.js';
import { safeJson } from '../json.js';
import { reportCsv } from './csv.js';
import type { Report } from './data.js';
import { type ReportLanguage, reportHtml } from './html.js';

export const REPORT_FORMATS = ['html', 'csv', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** `fieldwatch-report_2026-11-16_2026-11-22.html`: first and last day of the period. Nothing else is ever touched. */
const FILE_NAME = /^fieldwatch-report_\d{4}-\d{2}-\d{2}_\d{4}-\d{2}-\d{2}\.(html|csv|json)$/;

/** Without a language, HTML in English and CSV for programs. */
export function reportText(
  report: Report,
  format: ReportFormat,
  language: ReportLanguage | undefined,
  zone: string,
): string {
  switch (format) {
    case 'html':
      return reportHtml(report, language ?? 'en', zone);
    case 'csv':
      return reportCsv(report, csvStyle(language));
    case 'json':
      return `${safeJson(report)}\n`;
  }
}

/**
 * Writes beside the place, then puts it there in one step: whoever reads meets the old file or the whole new one. A link
 * with that name is replaced, not followed.
 */
export function writeAtomically(path: string, text: string): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  // What an earlier process of the same number left behind.
  rmSync(draft, { force: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = openSync(draft, flags, 0o640);
  try {
    try {
      // Unlike writeSync, all of it: a disk that fills up takes a part, and only the next write fails.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** A folder of reports. It makes, replaces and removes files of the name above there, and nothing else anywhere. */
export class ReportFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Newest first; links and folders are none. */
  list(): string[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => FILE_NAME.test(name) && lstatSync(join(this.#folder, name)).isFile())
      .sort()
      .reverse();
  }

  write(days: string, format: ReportFormat, text: string): string {
    const name = `fieldwatch-report_${days}.${format}`;
    if (!FILE_NAME.test(name)) throw new Error(`${name} is no name of a report`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    writeAtomically(join(this.#folder, name), text);
    return name;
  }

  /** Keeps the newest `periods`, in whatever formats. */
  prune(periods: number): void {
    const kept = new Set<string>();
    for (const name of this.list()) {
      const period = name.slice(0, name.lastIndexOf('.'));
      if (kept.size < periods) kept.add(period);
      if (!kept.has(period)) rmSync(join(this.#folder, name), { force: true });
    }
  }
}
