import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';

const MAX_RUNNING = 2;
/** Less than half the share of a sensor on the same machine when both want the processor, and never nothing. */
const NICENESS = 4;
const HEAP_MEGABYTES = 1024;
const JOB_MS = 15 * 60_000;
/** A result is bounded by the program that gives it; beyond this it is cut, and the job has failed. */
const MAX_OUTPUT = 4 * 1024 * 1024;
const MAX_ERRORS = 65_536;
const MAX_SENTENCE = 2000;
/** Of our environment only what the sensor's settings are made of: it may hold set-up codes, tokens and passwords. */
const PASSED = /^(?:PATH|FIELDWATCH_(?:RULES_\w+|SENSOR|SQLITE))$/;

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobProgress {
  /** Bytes of the file that have been read. */
  readonly read: number;
  /** 0 where it is not known. */
  readonly size: number;
  readonly packets: number;
}

export interface JobEnd {
  readonly state: 'done' | 'failed' | 'cancelled';
  /** What the program printed as JSON; null when it did not. */
  readonly result: unknown;
  /** One sentence; '' when there is nothing to tell. */
  readonly sentence: string;
}

export interface Job {
  readonly state: JobState;
  readonly progress: JobProgress;
  /** 1 for the next to begin; 0 once it has. */
  readonly place: number;
  cancel(): void;
}

interface JobSpec {
  readonly args: readonly string[];
  readonly folder: string;
  readonly onEnd: (end: JobEnd) => void;
}

/** A line of NDJSON of a program's standard error that tells its progress; null for any other line. */
function progressOf(line: string): JobProgress | null {
  if (!line.startsWith('{"progress":')) return null;
  try {
    const { progress } = JSON.parse(line) as { progress: JobProgress };
    return { read: Number(progress.read), size: Number(progress.size), packets: Number(progress.packets) };
  } catch {
    return null;
  }
}

class RunningJob implements Job {
  readonly spec: JobSpec;
  state: JobState = 'waiting';
  progress: JobProgress = { read: 0, size: 0, packets: 0 };
  readonly #pool: JobPool;
  #child: ChildProcess | null = null;
  #result = '';
  #sentences: string[] = [];

  constructor(pool: JobPool, spec: JobSpec) {
    this.#pool = pool;
    this.spec = spec;
  }

  get place(): number {
    return this.#pool.placeOf(this);
  }

  start(program: string): void {
    this.state = 'running';
    const environment = Object.entries(process.env).filter(([name]) => PASSED.test(name));
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, program, ...this.spec.args], {
      env: Object.fromEntries(environment),
      cwd: this.spec.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: JOB_MS,
      killSignal: 'SIGKILL',
    });
    this.#child = child;
    // A sensor on the same machine goes first.
    if (child.pid !== undefined) yieldTo(child.pid);
    let line = '';
    let told = 0;
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      if (this.#result.length < MAX_OUTPUT) this.#result += chunk;
    });
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => {
      const lines = (line + chunk).split('\n');
      line = (lines.pop() ?? '').slice(0, MAX_ERRORS);
      for (const one of lines) {
        const progress = progressOf(one);
        if (progress !== null) this.progress = progress;
        else if (one.trim() !== '' && told++ < 100) this.#sentences.push(one.trim());
      }
    });
    child.on('error', () => this.#ended(null));
    child.on('close', (code) => this.#ended(code));
  }

  cancel(): void {
    if (this.state === 'waiting') {
      this.state = 'cancelled';
      this.#pool.ended(this);
      this.spec.onEnd({ state: 'cancelled', result: null, sentence: '' });
    } else if (this.state === 'running') {
      this.state = 'cancelled';
      this.#child?.kill('SIGKILL');
    }
  }

  #ended(code: number | null): void {
    if (this.#child === null) return;
    this.#child = null;
    let result: unknown = null;
    try {
      result = JSON.parse(this.#result);
    } catch {
      // It printed none, or was ended in the middle of it.
    }
    // 3: done, but the file was damaged and was read as far as it goes.
    const isDone = (code === 0 || code === 3) && result !== null;
    const isCancelled = this.state === 'cancelled';
    this.state = isCancelled ? 'cancelled' : isDone ? 'done' : 'failed';
    this.#pool.ended(this);
    const end = this.state === 'done' ? 'done' : this.state === 'failed' ? 'failed' : 'cancelled';
    this.spec.onEnd({ state: end, result, sentence: isDone && code === 0 ? '' : this.#sentence(code) });
  }

  /** The program's last sentence, without paths of ours, which mean nothing to whoever reads it. */
  #sentence(code: number | null): string {
    // Bounded first: the patterns take the square of a long word's length.
    const shown = (this.#sentences.at(-1) ?? '')
      .slice(0, MAX_SENTENCE)
      .replace(/^fieldwatch: /, '')
      .replaceAll(/\S*workspaces\S*\.yml(?=[:\s]|$)/g, 'the rule')
      .replaceAll(/\S*workspaces\S*capture/g, 'The file');
    if (shown !== '') return shown.slice(0, 500);
    if (code === 0 && this.#result.length >= MAX_OUTPUT) return 'The result is too large to be shown.';
    return code === null ? 'The analysis took too long or too much memory and was ended.' : 'The analysis failed.';
  }
}

function yieldTo(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has ended already, or the system does not allow it.
  }
}

/**
 * Analyses of captures: each a process of its own, with bounded memory and time, below the sensor's priority; few at
 * once, the others wait their turn.
 */
export class JobPool {
  readonly #program: string;
  readonly #waiting: RunningJob[] = [];
  readonly #running = new Set<RunningJob>();
  #isClosed = false;

  /** `program`: the product's main file. */
  constructor(program: string) {
    this.#program = program;
  }

  run(spec: JobSpec): Job {
    const job = new RunningJob(this, spec);
    this.#waiting.push(job);
    this.#next();
    return job;
  }

  /** Ends everything. */
  close(): void {
    this.#isClosed = true;
    for (const job of [...this.#waiting, ...this.#running]) job.cancel();
  }

  placeOf(job: RunningJob): number {
    return this.#waiting.indexOf(job) + 1;
  }

  ended(job: RunningJob): void {
    this.#running.delete(job);
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    this.#next();
  }

  #next(): void {
    while (!this.#isClosed && this.#running.size < MAX_RUNNING) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#running.add(job);
      job.start(this.#program);
    }
  }
}
