import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a comparison of one capture came to. */
export interface Tally {
  /** Frames in which either side reports a message. */
  readonly frames: number;
  /** Of these, frames in which tshark reports one. */
  readonly tsharkFrames: number;
  readonly agreed: number;
  /** Frames whose differences are all known, by the reason of the first. */
  readonly known: ReadonlyMap<string, number>;
  /** Frames with a difference that nothing explains. */
  readonly unknownFrames: number;
}

interface Row extends Omit<Tally, 'known'> {
  readonly name: string;
  readonly known: Readonly<Record<string, number>>;
}

export interface Reason {
  readonly id: string;
  readonly reason: string;
}

/** Captures of one kind; `add` may be called in any order. */
export class Section {
  readonly title: string;
  readonly #rows: Row[] = [];

  constructor(title: string) {
    this.title = title;
  }

  add(name: string, { frames, tsharkFrames, agreed, known, unknownFrames }: Tally): void {
    this.#rows.push({ name, frames, tsharkFrames, agreed, known: Object.fromEntries(known), unknownFrames });
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }
}

/**
 * One protocol's part of docs/agreement.md. Where `FIELDWATCH_AGREEMENT_PARTS` names a folder, `write` leaves there what
 * scripts/agreement.mjs makes the page of.
 */
export class ProtocolReport {
  readonly #protocol: string;
  readonly #title: string;
  readonly #reasons: readonly Reason[];
  readonly #sections: Section[] = [];

  constructor(protocol: string, title: string, reasons: readonly Reason[]) {
    this.#protocol = protocol;
    this.#title = title;
    this.#reasons = reasons.map(({ id, reason }) => ({ id, reason }));
  }

  section(title: string): Section {
    const section = new Section(title);
    this.#sections.push(section);
    return section;
  }

  write(tsharkVersion: string | undefined): void {
    const { FIELDWATCH_AGREEMENT_PARTS: folder } = process.env;
    if (folder === undefined || tsharkVersion === undefined) return;
    mkdirSync(folder, { recursive: true });
    const sections = this.#sections
      .filter(({ rows }) => rows.length > 0)
      .map(({ title, rows }) => ({ title, rows: [...rows].sort((one, other) => (one.name < other.name ? -1 : 1)) }));
    const part = { title: this.#title, tsharkVersion, reasons: this.#reasons, sections };
    writeFileSync(join(folder, `${this.#protocol}.json`), JSON.stringify(part));
  }
}
