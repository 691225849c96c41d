import type { NodeIdEntry } from './node-id.js';
import type { Kept, SharedBudget } from './shared-budget.js';

/** Monitored items of one connection. */
const MAX_ITEMS = 20_000;

export interface MonitoredItem {
  readonly node: NodeIdEntry;
  readonly attribute: number;
  /** First element of an array that is meant; -1 for a range of several dimensions. */
  readonly element: number;
}

interface Subscription {
  readonly byHandle: Map<number, MonitoredItem>;
  /** The server's identifiers of the items, to the client's handles. */
  readonly handles: Map<number, number>;
}

/**
 * Which node a client handle stands for: Publish answers name only the handle (OPC 10000-4 section 7.25.2). Learned from
 * the messages that create monitored items, one table per connection.
 */
export class MonitoredItems implements Kept {
  cost = 0;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #budget: SharedBudget;

  constructor(budget: SharedBudget) {
    this.#budget = budget;
  }

  get(subscription: number, handle: number): MonitoredItem | undefined {
    return this.#subscriptions.get(subscription)?.byHandle.get(handle);
  }

  /** Returns false when there is no room. */
  set(subscription: number, handle: number, item: MonitoredItem): boolean {
    let items = this.#subscriptions.get(subscription);
    const isKnown = items?.byHandle.has(handle) === true;
    if (!isKnown && this.cost >= MAX_ITEMS) return false;
    if (items === undefined) {
      items = { byHandle: new Map(), handles: new Map() };
      this.#subscriptions.set(subscription, items);
    }
    items.byHandle.set(handle, item);
    if (isKnown) return true;
    if (this.cost === 0) {
      this.cost = 1;
      this.#budget.add(this);
    } else this.#budget.grow(this, 1);
    return true;
  }

  /** The server calls the item with this handle `id`. */
  identify(subscription: number, handle: number, id: number): void {
    const items = this.#subscriptions.get(subscription);
    if (items?.byHandle.has(handle)) items.handles.set(id, handle);
  }

  /** The client chose another handle for an item. */
  rename(subscription: number, id: number, handle: number): void {
    const items = this.#subscriptions.get(subscription);
    const old = items?.handles.get(id);
    if (items === undefined || old === undefined || old === handle) return;
    const item = items.byHandle.get(old);
    if (item === undefined) return;
    if (items.byHandle.has(handle)) this.#shrink(1);
    items.byHandle.delete(old);
    items.byHandle.set(handle, item);
    items.handles.set(id, handle);
  }

  remove(subscription: number, id: number): void {
    const items = this.#subscriptions.get(subscription);
    const handle = items?.handles.get(id);
    if (items === undefined || handle === undefined) return;
    items.handles.delete(id);
    if (items.byHandle.delete(handle)) this.#shrink(1);
  }

  removeSubscription(subscription: number): void {
    const items = this.#subscriptions.get(subscription);
    if (items === undefined) return;
    this.#subscriptions.delete(subscription);
    this.#shrink(items.byHandle.size);
  }

  drop(): void {
    this.#subscriptions.clear();
    this.cost = 0;
  }

  #shrink(by: number): void {
    if (by === 0) return;
    if (this.cost <= by) {
      this.#budget.remove(this);
      this.cost = 0;
    } else this.#budget.grow(this, -by);
  }
}
