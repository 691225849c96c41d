import { type ObjectNames, readSubscribed, Target } from './addresses.js';
import type { Reader } from './reader.js';

/** Variables that one connection may have subscribed; known HMIs have some hundreds. */
const MAX_VARIABLES = 2048;
const MAX_SUBSCRIPTIONS = 32;

/** A subscribed variable. */
export interface Subscribed {
  readonly space: string;
  readonly from: number;
  readonly count: number;
  readonly bit: number;
  readonly isProcess: boolean;
  readonly isAbsolute: boolean;
}

/** Header of the list: bit 31 says that the list is complete, not a change. */
const IS_NEW = 0x80000000;

/** Which variable each number in a notification stands for, by subscription. */
export class Subscriptions {
  readonly #byId = new Map<number, Map<number, Subscribed>>();
  #variables = 0;
  readonly #target = new Target();

  of(subscriptionId: number): ReadonlyMap<number, Subscribed> | null {
    return this.#byId.get(subscriptionId) ?? null;
  }

  delete(subscriptionId: number): void {
    this.#variables -= this.#byId.get(subscriptionId)?.size ?? 0;
    this.#byId.delete(subscriptionId);
  }

  clear(): void {
    this.#byId.clear();
    this.#variables = 0;
  }

  /**
   * Takes over a SubscriptionReferenceList that stands at the reader: an address array of numbers, the first three of
   * which say what it is and how many references end and begin.
   */
  change(subscriptionId: number, reader: Reader, names: ObjectNames): void {
    // Flags, type, size of the array.
    reader.skip(2);
    reader.varUint32();
    const header = reader.varUint32();
    const ended = reader.varUint32();
    const begun = reader.varUint32();
    if (reader.isBroken) return;
    if (header >= IS_NEW) this.delete(subscriptionId);
    let list = this.#byId.get(subscriptionId);
    if (list === undefined) {
      if (this.#byId.size >= MAX_SUBSCRIPTIONS) this.#dropOldest();
      list = new Map();
      this.#byId.set(subscriptionId, list);
    }
    for (let index = 0; index < ended && !reader.isBroken; index++) {
      if (list.delete(reader.varUint32())) this.#variables--;
    }
    for (let index = 0; index < begun && !reader.isBroken; index++) {
      const reference = readSubscribed(reader, names, this.#target);
      if (reader.isBroken || this.#variables >= MAX_VARIABLES) return;
      if (!list.has(reference)) this.#variables++;
      const { space, from, count, bit, isProcess, isAbsolute } = this.#target;
      list.set(reference, { space, from, count, bit, isProcess, isAbsolute });
    }
  }

  #dropOldest(): void {
    const oldest = this.#byId.keys().next();
    if (!oldest.done) this.delete(oldest.value);
  }
}
