import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Channel, DeliveryError, type Exporter, type ExporterParts } from '../../exporter.js';
import { renderWithin } from '../../formats/render.js';
import type { SettingsOf } from '../../settings.js';
import { failed } from '../connection.js';

type FileExporterSettings = SettingsOf<'file'>;

const MEGABYTE = 1024 * 1024;

/** One message a line, appended; a message counts as delivered when the disk has it. */
export function createFileExporter(settings: FileExporterSettings, parts: ExporterParts): Exporter {
  const path = resolve(parts.dataDir, settings.path);
  return {
    target: path,
    assurance: 'confirmed',
    resendMs: 0,
    batch: 500,
    encode: (event) => Buffer.from(`${renderWithin(parts.format, event, parts.maxBytes - 1).text}\n`),
    async connect(_signal, step) {
      const file = new AppendedFile(path, settings);
      try {
        await file.open();
        step({ step: 'connected', ok: true, detail: `${path} is open for appending.` });
        return file;
      } catch (error) {
        await file.close().catch(() => {});
        throw failed(step, 'connected', sentence(path, error));
      }
    },
  };
}

function sentence(path: string, error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  const advice: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space.',
    EACCES: 'this user may not write there; fix the permissions or choose another path.',
    EROFS: 'the disk is read-only.',
    EISDIR: 'it is a folder; name a file.',
    ELOOP: 'it is a symbolic link, which is not followed; name the file itself.',
    ENXIO: 'it is no ordinary file.',
  };
  return `${path} cannot be written (${code}): ${advice[code] ?? 'check path and disk.'}`;
}

class AppendedFile implements Channel {
  readonly #path: string;
  readonly #settings: FileExporterSettings;
  #file: FileHandle | null = null;
  #size = 0;
  #inode = -1;
  failure: DeliveryError | null = null;

  constructor(path: string, settings: FileExporterSettings) {
    this.#path = path;
    this.#settings = settings;
  }

  async open(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const flags =
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(this.#path, flags, this.#settings.readable_by_group ? 0o640 : 0o600);
    const found = await file.stat();
    if (!found.isFile()) {
      await file.close();
      throw Object.assign(new Error('no file'), { code: 'ENXIO' });
    }
    this.#file = file;
    this.#size = found.size;
    this.#inode = found.ino;
    if (found.size === 0) await syncFolder(dirname(this.#path));
    else if (!(await endsWithLine(this.#path, found.size))) {
      // A crash left half a line: what follows must not become part of it.
      await file.write('\n');
      this.#size++;
    }
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    if (this.failure) throw this.failure;
    const bytes = Buffer.concat(messages);
    try {
      await this.#prepare(bytes.length);
      const file = this.#file!;
      let written = 0;
      while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
      await file.datasync();
      this.#size += bytes.length;
    } catch (error) {
      // All of it is written again later, so none of it may stay, least of all half a line.
      await this.#file?.truncate(this.#size).catch(() => {});
      this.failure = new DeliveryError(sentence(this.#path, error));
      throw this.failure;
    }
  }

  outstanding(): null {
    return null;
  }

  async finish(): Promise<boolean> {
    return this.failure === null;
  }

  async close(): Promise<void> {
    this.failure ??= new DeliveryError('The file was closed by us.');
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** A log shipper may have moved or removed the file; and a full one is renamed. */
  async #prepare(more: number): Promise<void> {
    const found = await stat(this.#path).catch(() => null);
    if (found?.ino !== this.#inode) {
      await this.#file?.close();
      await this.open();
    }
    if (this.#size === 0 || this.#size + more <= this.#settings.rotate_megabytes * MEGABYTE) return;
    await this.#file?.close();
    this.#file = null;
    const name = (n: number) => (n === 0 ? this.#path : `${this.#path}.${n}`);
    await rm(name(this.#settings.keep_files), { force: true });
    for (let n = this.#settings.keep_files - 1; n >= 0; n--) await rename(name(n), name(n + 1)).catch(ignoreMissing);
    await this.open();
  }
}

/** The name of a new file is as lasting as what stands in it only when the folder is on the disk as well. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY).catch(() => null);
  // Some file systems know no such thing.
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function endsWithLine(path: string, size: number): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (!file) return true;
  try {
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, size - 1);
    return last[0] === 0x0a;
  } finally {
    await file.close();
  }
}
