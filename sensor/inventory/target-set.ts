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

  /** Whether everything lies in an interval or no further than `reach` from one. */
  coversNear(from: number, to: number, reach: number): boolean {
    let at = from;
    while (at < to) {
      // An interval that begins a little behind reaches back to here.
      const place = this.#find(at + reach);
      if (place < 0 || this.#to[place]! + reach <= at) return false;
      at = this.#to[place]! + reach;
    }
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
  /** Empty for a thing that has a name only. */
  readonly intervals: IntervalSet;
}

const MAX_SPACES = 512;
/** An S7 data block or memory area as a whole: a symbolic address does not tell the place inside it. */
const WHOLE_AREA = /^(?:D[BI]\d+|[A-Z])$/;
/** An OPC UA NodeId: a name, whatever digits it ends in. */
const NODE_ID = /^(?:ns=\d+;)?[isgb]=/;

/** What an operation has touched: ranges per unit and address space, and things by name. */
export class TargetSet {
  readonly #spaces: Space[] = [];
  readonly #byName = new Map<string, Space[]>();
  #last: Space | null = null;

  /** Returns true when something was new. `count` 0: `name` is the thing itself. */
  add(unit: number, name: string, from: number, count: number): boolean {
    let space = this.#last;
    if (space === null || space.unit !== unit || space.name !== name) {
      space = this.#find(unit, name);
      if (space === null) {
        if (this.#spaces.length >= MAX_SPACES) return false;
        space = this.#addSpace(unit, name);
        if (count === 0) return true;
      }
      this.#last = space;
    }
    return space.intervals.add(from, from + count);
  }

  /** Whether all of a target was added before, or lies no further than `reach` from what was. */
  covers(unit: number, name: string, from: number, count: number, reach: number): boolean {
    const space = this.#find(unit, name);
    if (space === null) return false;
    return count === 0 || space.intervals.coversNear(from, from + count, reach);
  }

  get isEmpty(): boolean {
    return this.#spaces.length === 0;
  }

  clear(): void {
    this.#spaces.length = 0;
    this.#byName.clear();
    this.#last = null;
  }

  /** `unit 1 holding_register 0-99`, one text per range; at most `limit` of them. */
  toText(limit = Number.POSITIVE_INFINITY): string[] {
    const texts: string[] = [];
    for (const { unit, name, intervals } of this.#spaces) {
      if (texts.length >= limit) break;
      if (intervals.size === 0) texts.push(targetText(unit, name, 0, 0));
      intervals.forEach((from, to) => {
        if (texts.length < limit) texts.push(targetText(unit, name, from, to - from));
      });
    }
    return texts;
  }

  /** Takes over what `toText` wrote. */
  restore(texts: readonly string[]): void {
    for (const text of texts) {
      if (NODE_ID.test(text)) {
        this.add(-1, text, 0, 0);
        continue;
      }
      if (WHOLE_AREA.test(text)) this.add(-1, text, 0, 0);
      const match = /^(?:unit (\d+) )?(\S+) (\d+)(?:-(\d+))?$/.exec(text);
      if (!match) continue;
      const from = Number(match[3]);
      const to = match[4] === undefined ? from : Number(match[4]);
      this.add(match[1] === undefined ? -1 : Number(match[1]), match[2]!, from, to - from + 1);
    }
  }

  #find(unit: number, name: string): Space | null {
    const spaces = this.#byName.get(name);
    if (spaces) for (const space of spaces) if (space.unit === unit) return space;
    return null;
  }

  #addSpace(unit: number, name: string): Space {
    const space = { unit, name, intervals: new IntervalSet() };
    this.#spaces.push(space);
    const sameName = this.#byName.get(name);
    if (sameName) sameName.push(space);
    else this.#byName.set(name, [space]);
    return space;
  }
}

export function targetText(unit: number, space: string, from: number, count: number): string {
  const where = unit >= 0 ? `unit ${unit} ` : '';
  if (count === 0) return `${where}${space}`;
  const range = count > 1 ? `${from}-${from + count - 1}` : `${from}`;
  return `${where}${space} ${range}`;
}
