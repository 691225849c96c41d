import type { Evidence, IdentityField } from '../model/records.js';
import { formatTimestamp, type Micros, parseTimestamp } from '../model/time.js';

/** A device that changes its mind without end must not fill the memory. */
const MAX_EVIDENCE = 64;

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
  /** Statements that found no place. */
  dropped = 0;

  /** Returns true when the statement is new. */
  add(field: IdentityField, value: string, source: string, confidence: number, number: number, at: Micros): boolean {
    for (const entry of this.#entries) {
      if (entry.field === field && entry.value === value && entry.source === source) {
        if (at > entry.lastSeen) entry.lastSeen = at;
        return false;
      }
    }
    if (this.#entries.length >= MAX_EVIDENCE) {
      this.dropped++;
      return false;
    }
    this.#entries.push({ field, value, source, confidence, number, firstSeen: at, lastSeen: at });
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
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.field !== field) continue;
      const isBetter =
        !best ||
        entry.confidence > best.confidence ||
        (entry.confidence === best.confidence && entry.lastSeen >= best.lastSeen);
      if (isBetter) best = entry;
    }
    return best?.value;
  }

  values(field: IdentityField): string[] {
    return [...new Set(this.#entries.filter((entry) => entry.field === field).map((entry) => entry.value))];
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
