import type { Asset, AssetMerge, DeviceDecisions } from '../model/records.js';
import type { FindingsReader } from '../store/store.js';

/** What people have decided of devices, told once. */
export class DeviceNews {
  readonly #store: Pick<FindingsReader, 'deviceDecisions' | 'asset'>;
  #approved: Readonly<Record<string, boolean>> = {};
  #merged: readonly AssetMerge[];

  /** A sensor that begins now has in its memory what was decided before. */
  constructor(store: Pick<FindingsReader, 'deviceDecisions' | 'asset'>) {
    this.#store = store;
    this.#merged = store.deviceDecisions().merged;
  }

  /** Since it was asked last. */
  next(): DeviceDecisions {
    const { approved, merged } = this.#store.deviceDecisions();
    const still = new Set(merged.map(({ id }) => id));
    const split = this.#merged
      .filter(({ id }) => !still.has(id))
      .map(({ id }) => this.#store.asset(id))
      .filter((asset): asset is Asset => asset !== null);
    const changed = Object.entries(approved).filter(([id, isApproved]) => this.#approved[id] !== isApproved);
    this.#approved = approved;
    this.#merged = merged;
    return { approved: Object.fromEntries(changed), merged, split };
  }
}
