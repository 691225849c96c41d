import { createHash } from 'node:crypto';
import type { Kept, SharedBudget } from '../_shared/shared-budget.js';
import type { NodeIdEntry } from './node-id.js';

/** Items of one subscription. */
const MAX_ITEMS = 20_000;
/** Nodes that one session registers. */
const MAX_ALIASES = 10_000;

export interface MonitoredItem {
  readonly node: NodeIdEntry;
  readonly attribute: number;
  /** First element of an array that is meant; -1 for a range of several dimensions. */
  readonly element: number;
}

/**
 * Which node each client handle of a subscription stands for: Publish answers name only the handle (OPC 10000-4 section
 * 7.25.2). Learned from the messages that create monitored items.
 */
export class Subscription implements Kept {
  cost = 1;
  /** The connection that last had an item created: only its requests are believed before their answer. */
  owner: object | null = null;
  readonly #byHandle = new Map<number, MonitoredItem>();
  /** The server's identifiers of the items, to the client's handles, and back: one for each handle that is kept. */
  readonly #handles = new Map<number, number>();
  readonly #ids = new Map<number, number>();
  readonly #budget: SharedBudget;
  readonly #forget: () => void;

  constructor(budget: SharedBudget, forget: () => void) {
    this.#budget = budget;
    this.#forget = forget;
  }

  get(handle: number): MonitoredItem | undefined {
    return this.#byHandle.get(handle);
  }

  /** Returns false when there is no room. */
  set(handle: number, item: MonitoredItem): boolean {
    const isKnown = this.#byHandle.has(handle);
    if (!isKnown && this.#byHandle.size >= MAX_ITEMS) return false;
    this.#byHandle.set(handle, item);
    if (!isKnown) this.#budget.grow(this, 1);
    return true;
  }

  /** The server calls the item with this handle `id`. */
  identify(handle: number, id: number): void {
    if (!this.#byHandle.has(handle)) return;
    this.#forgetId(handle);
    const before = this.#handles.get(id);
    if (before !== undefined) this.#ids.delete(before);
    this.#handles.set(id, handle);
    this.#ids.set(handle, id);
  }

  #forgetId(handle: number): void {
    const id = this.#ids.get(handle);
    if (id === undefined) return;
    this.#ids.delete(handle);
    this.#handles.delete(id);
  }

  /** The client chose another handle for an item. */
  rename(id: number, handle: number): void {
    const old = this.#handles.get(id);
    if (old === undefined || old === handle) return;
    const item = this.#byHandle.get(old);
    if (item === undefined) return;
    if (this.#byHandle.has(handle)) this.#budget.grow(this, -1);
    this.#byHandle.delete(old);
    this.#byHandle.set(handle, item);
    this.identify(handle, id);
  }

  remove(id: number): void {
    const handle = this.#handles.get(id);
    if (handle === undefined) return;
    this.#forgetId(handle);
    if (this.#byHandle.delete(handle)) this.#budget.grow(this, -1);
  }

  drop(): void {
    this.#byHandle.clear();
    this.#handles.clear();
    this.#ids.clear();
    this.#forget();
  }
}

/** What a session's RegisterNodes made of its nodes: the alias's text, to the node (OPC 10000-4 section 5.9.5). */
export class Aliases implements Kept {
  cost = 1;
  readonly #nodes = new Map<string, NodeIdEntry>();
  readonly #budget: SharedBudget;
  readonly #forget: () => void;

  constructor(budget: SharedBudget, forget: () => void) {
    this.#budget = budget;
    this.#forget = forget;
  }

  get(alias: string): NodeIdEntry | undefined {
    return this.#nodes.get(alias);
  }

  /** Returns false when there is no room. */
  set(alias: string, node: NodeIdEntry): boolean {
    const isKnown = this.#nodes.has(alias);
    if (!isKnown && this.#nodes.size >= MAX_ALIASES) return false;
    this.#nodes.set(alias, node);
    if (!isKnown) this.#budget.grow(this, 1);
    return true;
  }

  remove(alias: string): void {
    if (this.#nodes.delete(alias)) this.#budget.grow(this, -1);
  }

  drop(): void {
    this.#nodes.clear();
    this.#forget();
  }
}

/**
 * What outlives a connection with one server: subscriptions, whose numbers are unique in their server and which can be
 * transferred or taken along by a session that comes back, and the nodes that sessions registered.
 */
export class ServerState {
  readonly #subscriptions = new Map<number, Subscription>();
  /** By a digest of the session's token, which is a secret. */
  readonly #aliases = new Map<string, Aliases>();
  readonly #budget: SharedBudget;
  readonly #forget: () => void;

  constructor(budget: SharedBudget, forget: () => void) {
    this.#budget = budget;
    this.#forget = forget;
  }

  get hasAliases(): boolean {
    return this.#aliases.size > 0;
  }

  subscription(id: number): Subscription | undefined {
    return this.#subscriptions.get(id);
  }

  subscriptionOrNew(id: number): Subscription {
    const known = this.#subscriptions.get(id);
    if (known !== undefined) return known;
    const made: Subscription = new Subscription(this.#budget, () => this.#forgotten(this.#subscriptions, id, made));
    this.#subscriptions.set(id, made);
    // Only now: what has to go for it may be all else that this server has.
    this.#budget.add(made);
    return made;
  }

  removeSubscription(id: number): void {
    const known = this.#subscriptions.get(id);
    if (known !== undefined) this.#remove(known);
  }

  aliases(session: string): Aliases | undefined {
    return this.#aliases.get(session);
  }

  aliasesOrNew(session: string): Aliases {
    const known = this.#aliases.get(session);
    if (known !== undefined) return known;
    const made: Aliases = new Aliases(this.#budget, () => this.#forgotten(this.#aliases, session, made));
    this.#aliases.set(session, made);
    this.#budget.add(made);
    return made;
  }

  /** The session is closed: what it registered means nothing any more. */
  removeSession(session: string): void {
    const known = this.#aliases.get(session);
    if (known !== undefined) this.#remove(known);
  }

  #remove(kept: Subscription | Aliases): void {
    this.#budget.remove(kept);
    kept.drop();
  }

  #forgotten<Key, Of>(map: Map<Key, Of>, key: Key, kept: Of): void {
    if (map.get(key) === kept) map.delete(key);
    if (this.#subscriptions.size === 0 && this.#aliases.size === 0) this.#forget();
  }
}

/** The state of every server, by its end of the connections. Bounded by the budget: what was met first goes first. */
export class ServerStates {
  readonly #budget: SharedBudget;
  readonly #states = new Map<string, ServerState>();

  constructor(budget: SharedBudget) {
    this.#budget = budget;
  }

  of(endpoint: string): ServerState | undefined {
    return this.#states.get(endpoint);
  }

  ofOrNew(endpoint: string): ServerState {
    const known = this.#states.get(endpoint);
    if (known !== undefined) return known;
    const made = new ServerState(this.#budget, () => this.#states.delete(endpoint));
    this.#states.set(endpoint, made);
    return made;
  }
}

/** A name for the session with this authentication token that does not give the token away. */
export function sessionKey(token: Uint8Array): string {
  return createHash('sha256').update(token).digest('base64');
}
