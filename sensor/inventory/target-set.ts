const MAX_INTERVALS = 256;

/** Integer intervals [from, to), merged and sorted; at most `MAX_INTERVALS`, then the closest ones grow together. */
export class IntervalSet {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  #last = 0;

  get size(): number {
    return this.#from.length;
  }

  covers(from: number, to: number): boolean {
    const last = this.#last;
    if (last < this.#from.length && from >= this.#from[last]! && to <= this.#to[last]!) return true;
    const place = this.#find(from);
    if (place < 0 || to > this.#to[place]!) return false;
    this.#last = place;
    return true;
  }

  /** Returns true when something was new. */
  add(from: number, to: number): boolean {
    if (to <= from || this.covers(from, to)) return false;
    let start = this.#find(from);
    if (start < 0 || this.#to[start]! < from) start++;
    let end = start;
    let low = from;
    let high = to;
    while (end < this.#from.length && this.#from[end]! <= high) {
      low = Math.min(low, this.#from[end]!);
      high = Math.max(high, this.#to[end]!);
      end++;
    }
    this.#from.splice(start, end - start, low);
    this.#to.splice(start, end - start, high);
    if (this.#from.length > MAX_INTERVALS) this.#joinClosest();
    return true;
  }

  forEach(visit: (from: number, to: number) => void): void {
    for (let index = 0; index < this.#from.length; index++) visit(this.#from[index]!, this.#to[index]!);
  }

  /** Last interval that begins at or before `value`, or -1. */
  #find(value: number): number {
    let low = 0;
    let high = this.#from.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.#from[middle]! <= value) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  #joinClosest(): void {
    let best = 1;
    for (let index = 2; index < this.#from.length; index++) {
      if (this.#from[index]! - this.#to[index - 1]! < this.#from[best]! - this.#to[best - 1]!) best = index;
    }
    this.#to[best - 1] = this.#to[best]!;
    this.#from.splice(best, 1);
    this.#to.splice(best, 1);
  }
}

interface Space {
  readonly unit: number;
  readonly name: string;
  readonly intervals: IntervalSet;
}

const MAX_SPACES = 512;

/** What an operation has touched: ranges per unit and address space. */
export class TargetSet {
  readonly #spaces: Space[] = [];
  #last: Space | null = null;

  /** Returns true when something was new. */
  add(unit: number, name: string, from: number, count: number): boolean {
    let space = this.#last;
    if (space === null || space.unit !== unit || space.name !== name) {
      space = this.#spaceOf(unit, name);
      if (space === null) return false;
      this.#last = space;
    }
    return space.intervals.add(from, from + count);
  }

  /** `unit 1 holding_register 0-99`, one text per range; at most `limit` of them. */
  toText(limit = Number.POSITIVE_INFINITY): string[] {
    const texts: string[] = [];
    for (const { unit, name, intervals } of this.#spaces) {
      if (texts.length >= limit) break;
      intervals.forEach((from, to) => {
        if (texts.length < limit) texts.push(targetText(unit, name, from, to - from));
      });
    }
    return texts;
  }

  /** Takes over what `toText` wrote. */
  restore(texts: readonly string[]): void {
    for (const text of texts) {
      const match = /^(?:unit (\d+) )?(\S+) (\d+)(?:-(\d+))?$/.exec(text);
      if (!match) continue;
      const from = Number(match[3]);
      const to = match[4] === undefined ? from : Number(match[4]);
      this.add(match[1] === undefined ? -1 : Number(match[1]), match[2]!, from, to - from + 1);
    }
  }

  #spaceOf(unit: number, name: string): Space | null {
    for (const space of this.#spaces) if (space.unit === unit && space.name === name) return space;
    if (this.#spaces.length >= MAX_SPACES) return null;
    const space = { unit, name, intervals: new IntervalSet() };
    this.#spaces.push(space);
    return space;
  }
}

export function targetText(unit: number, space: string, from: number, count: number): string {
  const range = count > 1 ? `${from}-${from + count - 1}` : `${from}`;
  return `${unit >= 0 ? `unit ${unit} ` : ''}${space} ${range}`;
}
