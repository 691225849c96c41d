import type { Evidence, IdentityField } from '../model/records.js';
import { formatTimestamp, type Micros, parseTimestamp } from '../model/time.js';

/** A device that changes its mind without end must not fill the memory. */
const MAX_EVIDENCE = 96;
/** And one field must not take the place of the others. */
const MAX_PER_FIELD = 24;

interface Entry {
  field: IdentityField;
  value: string;
  source: string;
  confidence: number;
  number: number;
  firstSeen: Micros;
  lastSeen: Micros;
}

/** What was said of a device, by whom and when. Contradicting statements all stay. */
export class EvidenceList {
  readonly #entries: Entry[] = [];
  /** Statements that found no place, or lost it to a later one. */
  dropped = 0;

  /** Returns true when the statement is new. */
  add(field: IdentityField, value: string, source: string, confidence: number, number: number, at: Micros): boolean {
    let ofField = 0;
    let oldest: Entry | null = null;
    for (const entry of this.#entries) {
      if (entry.field !== field) continue;
      if (entry.value === value && entry.source === source) {
        if (at > entry.lastSeen) entry.lastSeen = at;
        return false;
      }
      ofField++;
      if (oldest === null || entry.lastSeen < oldest.lastSeen) oldest = entry;
    }
    const isFull = ofField >= MAX_PER_FIELD || this.#entries.length >= MAX_EVIDENCE;
    const entry = { field, value, source, confidence, number, firstSeen: at, lastSeen: at };
    if (!isFull) this.#entries.push(entry);
    else {
      this.dropped++;
      // The latest word counts; a stronger one is not pushed out by a weaker one.
      if (oldest === null || oldest.confidence > confidence) return false;
      this.#entries[this.#entries.indexOf(oldest)] = entry;
    }
    return true;
  }

  remove(field: IdentityField, value: string, source: string): boolean {
    const index = this.#entries.findIndex(
      (entry) => entry.field === field && entry.value === value && entry.source === source,
    );
    if (index >= 0) this.#entries.splice(index, 1);
    return index >= 0;
  }

  /** The best supported value: highest confidence, then latest. */
  best(field: IdentityField): string | undefined {
    return this.#best(field)?.value;
  }

  /** Confidence of `best`; 0 where nothing was said. */
  confidence(field: IdentityField): number {
    return this.#best(field)?.confidence ?? 0;
  }

  #best(field: IdentityField): Entry | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.field !== field) continue;
      const isBetter =
        !best ||
        entry.confidence > best.confidence ||
        (entry.confidence === best.confidence && entry.lastSeen >= best.lastSeen);
      if (isBetter) best = entry;
    }
    return best;
  }

  /** Whether this source has said anything of the field. */
  has(field: IdentityField, source: string): boolean {
    return this.#entries.some((entry) => entry.field === field && entry.source === source);
  }

  values(field: IdentityField): string[] {
    return [...new Set(this.#entries.filter((entry) => entry.field === field).map((entry) => entry.value))];
  }

  /** What this source said of the field last, before packet `number`; null where it said nothing. */
  lastOf(field: IdentityField, source: string, number: number): { value: string; at: Micros } | null {
    let last: Entry | null = null;
    for (const entry of this.#entries) {
      const isLater = last === null || entry.lastSeen >= last.lastSeen;
      if (entry.field === field && entry.source === source && entry.number !== number && isLater) last = entry;
    }
    return last && { value: last.value, at: last.lastSeen };
  }

  /** Takes over everything that the other list holds. */
  absorb(other: EvidenceList): void {
    for (const { field, value, source, confidence, number, firstSeen, lastSeen } of other.#entries) {
      this.add(field, value, source, confidence, number, firstSeen);
      this.add(field, value, source, confidence, number, lastSeen);
    }
  }

  toRecords(): Evidence[] {
    return this.#entries.map((entry) => ({
      field: entry.field,
      value: entry.value,
      source: entry.source,
      confidence: entry.confidence,
      pcap_cnt: entry.number,
      first_seen: formatTimestamp(entry.firstSeen),
      last_seen: formatTimestamp(entry.lastSeen),
    }));
  }

  restore(records: readonly Evidence[]): void {
    for (const record of records.slice(0, MAX_EVIDENCE)) {
      this.#entries.push({
        field: record.field,
        value: record.value,
        source: record.source,
        confidence: record.confidence,
        number: record.pcap_cnt,
        firstSeen: parseTimestamp(record.first_seen),
        lastSeen: parseTimestamp(record.last_seen),
      });
    }
  }
}
