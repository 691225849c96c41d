import type { Server as HttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { TLS_OPTIONS, type TlsFiles } from './app.js';

const CHECK_MS = 60_000;

/**
 * Takes a renewed certificate into use without a restart: open connections go on with the old one, new ones get the new.
 * One that does not work is told once, and the old one stays.
 */
export class CertificateWatch {
  readonly #server: HttpsServer;
  readonly #read: () => TlsFiles;
  readonly #log: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  #current: TlsFiles;
  #problem = '';

  constructor(server: HttpsServer, current: TlsFiles, read: () => TlsFiles, log: (line: string) => void) {
    this.#server = server;
    this.#current = current;
    this.#read = read;
    this.#log = log;
    this.#timer = setInterval(() => this.check(), CHECK_MS);
    this.#timer.unref();
  }

  /** True when another certificate is in use now. */
  check(): boolean {
    try {
      const { cert, key } = this.#read();
      if (cert === this.#current.cert && key === this.#current.key) return false;
      createSecureContext({ cert, key });
      this.#server.setSecureContext({ ...TLS_OPTIONS, cert, key });
      this.#current = { cert, key };
      this.#problem = '';
      this.#log('The console uses its new certificate.');
      return true;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#problem)
        this.#log(`The console keeps its certificate, the new one does not work: ${problem}`);
      this.#problem = problem;
      return false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
