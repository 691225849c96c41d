/** Something kept for a connection that may have to go to make room. */
export interface Kept {
  /** What it takes of the budget. */
  cost: number;
  /** Lets go of what it holds. */
  drop(): void;
}

/**
 * What all connections keep together: when it becomes too much, the oldest goes first. It also frees what connections
 * that ended left behind, since nobody says so here.
 */
export class SharedBudget {
  /** How often something was let go that a living connection may still have needed. */
  dropped = 0;
  readonly #limit: number;
  readonly #kept = new Set<Kept>();
  #cost = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(kept: Kept): void {
    this.#kept.add(kept);
    this.grow(kept, kept.cost, true);
  }

  /** `kept` now costs `by` more. */
  grow(kept: Kept, by: number, isNew = false): void {
    if (!isNew) kept.cost += by;
    this.#cost += by;
    if (this.#cost <= this.#limit) return;
    for (const oldest of this.#kept) {
      if (oldest === kept) continue;
      this.remove(oldest);
      oldest.drop();
      this.dropped++;
      if (this.#cost <= this.#limit) return;
    }
  }

  remove(kept: Kept): void {
    if (this.#kept.delete(kept)) this.#cost -= kept.cost;
  }
}
