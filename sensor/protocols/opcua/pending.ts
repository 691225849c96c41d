import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import type { Kept, SharedBudget } from '../_shared/shared-budget.js';
import type { NodeIdEntry } from './node-id.js';
import type { Service } from './operations.js';
import type { OpcUaPdu } from './pdu.js';

/** Requests in flight on one connection. Clients park Publish requests: one to a few for each subscription. */
const MAX_PENDING = 256;
/** So many unanswered requests within this time are a flood; over a longer time the server is merely silent. */
const FLOOD_WINDOW: Micros = 10 * MICROS_PER_SECOND;
const MAX_SPARE = 16;
/** A recycled entry keeps lists of this length. */
const MAX_SPARE_NODES = 256;

/** What an answer needs to know of its request. */
export class PendingRequest implements Kept {
  cost = 0;
  requestId = 0;
  service: Service | null = null;
  operation: OpcUaPdu['operation'] | null = null;
  number = 0;
  timestamp: Micros = 0;
  /** Answers were lost after it was sent, perhaps its own. */
  isDoubtful = false;
  /** What it acts on, in order; empty when that was not kept. */
  readonly nodes: NodeIdEntry[] = [];
  readonly attributes: number[] = [];
  /** First element of an array that is meant: 0, or where an index range begins; -1 for ranges of more dimensions. */
  readonly elements: number[] = [];
  /** Names that were looked up (TranslateBrowsePaths), of the last part of each path; aliases that are given up. */
  names: string[] | null = null;
  /** Subscription that the request is about. */
  subscriptionId = 0;
  /**
   * In order: client handles of a request to monitor; what a request transfers or deletes; items and new handles of one
   * that modifies.
   */
  handles: number[] | null = null;
  /** Key of the session that asks, where the answer says something about it. */
  session = '';

  drop(): void {
    this.nodes.length = 0;
    this.attributes.length = 0;
    this.elements.length = 0;
    this.names = null;
    this.handles = null;
    this.session = '';
    this.cost = 0;
  }
}

/** Unanswered requests of a connection, oldest first. Entries are recycled. */
export class PendingRequests {
  readonly #requests: PendingRequest[] = [];
  readonly #spare: PendingRequest[] = [];
  readonly #budget: SharedBudget;

  constructor(budget: SharedBudget) {
    this.#budget = budget;
  }

  /** A new entry, to be filled and `keep`t. */
  begin(): PendingRequest {
    const entry = this.#spare.pop() ?? new PendingRequest();
    entry.drop();
    entry.isDoubtful = false;
    entry.subscriptionId = 0;
    entry.operation = null;
    return entry;
  }

  /** Returns false when the client floods the server. */
  keep(entry: PendingRequest): boolean {
    let isSound = true;
    if (this.#requests.length >= MAX_PENDING) {
      const oldest = this.#requests.shift()!;
      isSound = entry.timestamp - oldest.timestamp > FLOOD_WINDOW;
      this.#recycle(oldest);
    }
    this.#requests.push(entry);
    entry.cost = Math.max(entry.nodes.length, entry.handles?.length ?? 0, entry.names?.length ?? 0);
    if (entry.cost > 0) this.#budget.add(entry);
    return isSound;
  }

  /** Answers are missing: the requests so far may never be answered, as far as we can see. */
  doubt(): void {
    for (const request of this.#requests) request.isDoubtful = true;
  }

  /** The request that an answer, completed by packet `number`, belongs to. It is the caller's until `done`. */
  take(requestId: number, number: number): PendingRequest | null {
    const requests = this.#requests;
    for (let index = 0; index < requests.length; index++) {
      const request = requests[index]!;
      if (request.requestId !== requestId || request.number > number) continue;
      if (index === 0) requests.shift();
      else requests.splice(index, 1);
      return request;
    }
    return null;
  }

  done(request: PendingRequest): void {
    this.#recycle(request);
  }

  #recycle(request: PendingRequest): void {
    if (request.cost > 0) this.#budget.remove(request);
    if (this.#spare.length < MAX_SPARE && request.nodes.length <= MAX_SPARE_NODES) this.#spare.push(request);
  }
}
