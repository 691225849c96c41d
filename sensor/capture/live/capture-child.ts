import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CaptureParser } from '../capture-parser.js';
import type { PacketSink } from '../packet.js';
import type { CaptureCommand } from './capture-command.js';
import { parseCaptureMessage } from './capture-messages.js';

/** libpcap counts in 32 bits. */
const COUNTER_WRAP = 2 ** 32;
const MAX_STDERR_LINE = 4096;

export interface CaptureChildEvents {
  /** From now on packets are captured. */
  listening(): void;
  /** The process has ended and all its output was read. `reason` is what it said last, or why it was ended. */
  ended(reason: string): void;
  /** A child was started or has ended: for a supervisor that must end it when this thread dies. */
  process(pid: number, running: boolean): void;
}

/** One run of a capture process, from its start to its end; pushes what it captures into the sink. */
export class CaptureChild {
  listening = false;
  /** Kernel and interface drops since this run began, as the process reports them. */
  droppedByKernel = 0;
  droppedByInterface = 0;
  /** Packets that passed the filter, dropped ones included; null until the process has said so. */
  received: number | null = null;
  /** Heartbeats sent since the last sign of life. */
  unanswered = 0;
  #process: ChildProcess | null = null;
  readonly #parser: CaptureParser;
  readonly #command: CaptureCommand;
  readonly #events: CaptureChildEvents;
  #stderr = '';
  #lastWords = '';
  #killReason: string | null = null;
  #isUnreadable = false;
  #ended = false;

  constructor(command: CaptureCommand, sink: PacketSink, events: CaptureChildEvents) {
    this.#command = command;
    this.#events = events;
    this.#parser = new CaptureParser(sink);
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Packets that had arrived, but neither were dropped nor came here: the kernel throws them away at the end. */
  get unread(): number {
    return this.received === null ? 0 : Math.max(0, this.received - this.droppedByKernel - this.#parser.packets);
  }

  start(): void {
    // Its own process group: Ctrl-C in a terminal is for us, and we end the child when all is read.
    const child = spawn(this.#command.command, this.#command.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.#process = child;
    if (child.pid !== undefined) this.#events.process(child.pid, true);
    child.once('error', (error: NodeJS.ErrnoException) => {
      this.#lastWords = error.code === 'ENOENT' ? `${this.#command.command} ENOENT` : error.message;
      // Without a process there will be no 'close'.
      if (child.pid === undefined) this.#end();
    });
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => this.#hear(text));
    child.once('close', (code, signal) => {
      if (this.#stderr !== '') this.#hearLine(this.#stderr);
      if (child.pid !== undefined) this.#events.process(child.pid, false);
      this.#lastWords = this.#describeEnd(code, signal);
      this.#end();
    });
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
    const words = this.#lastWords.replace(/\.+$/, '');
    if (signal !== null) return `${this.#command.source} was ended by ${signal}${words === '' ? '' : `: ${words}`}`;
    return words === '' ? `${this.#command.source} ended with status ${code ?? 'unknown'}` : words;
  }

  /** Asks for the counters; the answer is the sign of life. */
  heartbeat(): void {
    const signal = this.#command.heartbeat;
    if (signal === null || !this.listening) return;
    this.unanswered++;
    this.#process?.kill(signal);
  }

  /** Whether the process was stopped (SIGSTOP, a debugger): it holds the capture but reads nothing. */
  isStopped(): boolean {
    const pid = this.pid;
    if (pid === null) return false;
    try {
      // proc(5): the state follows the command's name, which stands in parentheses and may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
      return state === 'T' || state === 't';
    } catch {
      return false;
    }
  }

  /** Lets the process hand over what it has and end. `ended` follows. */
  stop(): void {
    this.#process?.kill('SIGTERM');
  }

  /** Ends the process at once. `ended` follows. */
  kill(reason: string): void {
    this.#killReason ??= reason;
    this.#process?.kill('SIGKILL');
  }

  #read(chunk: Buffer): void {
    this.unanswered = 0;
    if (this.#isUnreadable) return;
    if (this.#command.heartbeat === null) this.#listens();
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if ((error as Error).name !== 'CaptureError') throw error;
      this.#isUnreadable = true;
      this.kill(`its packets cannot be read: the stream ${(error as Error).message}`);
      return;
    }
    if (this.#parser.damage !== null && this.#parser.stopped) {
      this.#isUnreadable = true;
      this.kill(`its output is damaged: ${this.#parser.damage.reason}`);
    }
  }

  #listens(): void {
    if (this.listening) return;
    this.listening = true;
    this.#events.listening();
  }

  #hear(text: string): void {
    const lines = (this.#stderr + text).split('\n');
    this.#stderr = (lines.pop() ?? '').slice(-MAX_STDERR_LINE);
    for (const line of lines) this.#hearLine(line);
  }

  #hearLine(line: string): void {
    const message = parseCaptureMessage(line);
    if (message.kind === 'listening') {
      this.#listens();
    } else if (message.kind === 'statistics') {
      this.unanswered = 0;
      this.droppedByKernel = advanceCounter(this.droppedByKernel, message.droppedByKernel);
      this.droppedByInterface = advanceCounter(this.droppedByInterface, message.droppedByInterface);
      if (message.received !== null) this.received = advanceCounter(this.received ?? 0, message.received);
    } else if (message.text !== '' && !/^\(|^Warning: |: Warning: /i.test(message.text)) {
      this.#lastWords = message.text;
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#process = null;
    this.#events.ended(this.#killReason ?? this.#lastWords);
  }
}

/** The true count behind a 32-bit counter that may have wrapped since `known`. */
export function advanceCounter(known: number, reading: number | null): number {
  if (reading === null) return known;
  const epoch = Math.floor(known / COUNTER_WRAP) * COUNTER_WRAP;
  const value = epoch + reading;
  return value < known && known - value > COUNTER_WRAP / 2 ? value + COUNTER_WRAP : Math.max(value, known);
}
