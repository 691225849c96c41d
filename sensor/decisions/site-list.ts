import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SiteListReport } from '../inventory/exchange/site-list.js';
import type { AssetSettings } from '../model/records.js';
import type { Actor } from '../store/console/console-store.js';
import type { FindingsReader } from '../store/store.js';
import type { Decisions } from './decisions.js';

const TURN = 50;

/**
 * Takes over from a site's list what only people know: that a device belongs here, its name, zone and weight. Returns
 * how many devices became different.
 */
export async function applySiteList(
  findings: FindingsReader,
  decisions: Decisions,
  { matched }: Pick<SiteListReport, 'matched'>,
  actor: Actor,
): Promise<number> {
  let changed = 0;
  for (const [index, { device, asset }] of matched.entries()) {
    // A plant has thousands of devices, and each is some writes: other work goes on in between.
    if (index % TURN === TURN - 1) await nextTurn();
    const before = findings.assetSettings(asset.id);
    const settings: AssetSettings = {
      ...before,
      ...(device.name === undefined ? {} : { name: device.name }),
      ...(device.zone === undefined ? {} : { zone: device.zone }),
      ...(device.criticality === undefined ? {} : { criticality: device.criticality }),
    };
    const isSaid = JSON.stringify(settings) !== JSON.stringify(before);
    if (!asset.approved) decisions.approve(asset.id, true, false, actor);
    if (isSaid) decisions.saySettings(asset.id, settings, actor);
    if (isSaid || !asset.approved) changed++;
  }
  return changed;
}
