import type { Config } from '../../../sensor/config.js';
import { type Report, type ReportSources, reportMaker } from './data.js';
import { ReportFolder, reportText } from './files.js';

export type ReportSettings = Config['reports'];

const LOOK_MS = 60_000;
const RETRY_MS = 10 * 60_000;
const COMMAND = { user: 'fieldwatch', source: 'schedule' } as const;

export interface ReportState {
  every: ReportSettings['every'];
  at: string;
  folder: string;
  formats: string[];
  keep: number;
  /** Newest first. */
  files: string[];
  /** One sentence; empty when all is well. */
  problem: string;
}

/** `2026-11-16` in the machine's own zone. */
function dayOf(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/**
 * The last whole day, week (Monday to Sunday) or month before `now`, in the machine's own zone; a period counts as over
 * once its report is due, at `at` (`HH:MM`) of the day after.
 */
export function lastPeriod(
  every: 'day' | 'week' | 'month',
  at: string,
  now: Date,
): { from: Date; to: Date; days: string } {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const to = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const back = (until: Date): Date => {
    const from = new Date(until);
    if (every === 'day') from.setDate(from.getDate() - 1);
    else if (every === 'week') from.setDate(from.getDate() - 7);
    else from.setMonth(from.getMonth() - 1);
    return from;
  };
  if (every === 'week') to.setDate(to.getDate() - ((to.getDay() + 6) % 7));
  if (every === 'month') to.setDate(1);
  const due = new Date(to);
  due.setHours(hours, minutes);
  const end = now.getTime() < due.getTime() ? back(to) : to;
  const from = back(end);
  const last = new Date(end);
  last.setDate(last.getDate() - 1);
  return { from, to: end, days: `${dayOf(from)}_${dayOf(last)}` };
}

/**
 * Writes the report of each period into the folder once it is over. What is there says what was written, so nothing is
 * lost or written twice over a restart; after a longer stop, the last period is made up for.
 */
export class ReportSchedule {
  readonly #settings: ReportSettings;
  readonly #sources: ReportSources;
  readonly #report: ReturnType<typeof reportMaker>;
  readonly #folder: ReportFolder;
  readonly #zone: string;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #problem = '';
  #notBefore = 0;

  constructor(settings: ReportSettings, sources: ReportSources) {
    this.#settings = settings;
    this.#sources = sources;
    this.#report = reportMaker(sources);
    this.#folder = new ReportFolder(settings.folder);
    this.#zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  start(): void {
    let isLooking = false;
    const look = () => {
      if (isLooking) return;
      isLooking = true;
      this.#running = this.look().finally(() => {
        isLooking = false;
      });
    };
    look();
    this.#timer = setInterval(look, LOOK_MS);
    this.#timer.unref();
  }

  /** Waits for a report that is being written. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#running;
  }

  state(): ReportState {
    const { every, at, folder, formats, keep } = this.#settings;
    return { every, at, folder, formats: [...formats], keep, files: this.#folder.list(), problem: this.#problem };
  }

  /** Writes what is due and not there. Never throws: what went wrong is told, and tried again later. */
  async look(): Promise<void> {
    const now = this.#sources.now();
    const { every, at, formats, keep, language } = this.#settings;
    if (every === 'never' || now < this.#notBefore) return;
    try {
      const { from, to, days } = lastPeriod(every, at, new Date(now));
      const there = new Set(this.#folder.list());
      const missing = formats.filter((format) => !there.has(`fieldwatch-report_${days}.${format}`));
      if (missing.length === 0) return;
      const report: Report = await this.#report({ from: from.toISOString(), to: to.toISOString() });
      for (const format of missing) this.#folder.write(days, format, reportText(report, format, language, this.#zone));
      this.#folder.prune(keep);
      this.#sources.accounts.audit(COMMAND, 'report.write', days, '', missing.join(', '));
      this.#problem = '';
    } catch (error) {
      this.#notBefore = now + RETRY_MS;
      const { code } = error as NodeJS.ErrnoException;
      const reason = code ?? (error instanceof Error ? error.message : String(error));
      const problem = `The report could not be written into ${this.#settings.folder} (${reason}): check the folder, its rights and the space left. It is tried again.`;
      if (problem !== this.#problem) this.#sources.log(problem);
      this.#problem = problem;
    }
  }
}
