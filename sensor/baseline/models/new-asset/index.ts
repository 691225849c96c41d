import type { DeviationModel } from '../../model.js';

/** A device that was not there while the sensor learned. */
export const newAsset: DeviationModel = {
  id: 'new-asset',
  description: 'A device that was not on the network during learning.',
  judge(novelty) {
    if (novelty.kind !== 'asset') return null;
    const { asset, macs, vendor, knownAssets, isLinkOnly } = novelty;
    const hardware = [vendor, macs[0]].filter(Boolean).join(', ');
    return {
      title: 'New device on the network',
      description: isLinkOnly
        ? `A device that was never seen before tells its neighbours that it is there: ${asset.label}${hardware === '' ? '' : `, network card ${hardware}`}. It has no address so far and talks to nobody; once it does, it is told of again.`
        : `A device that was never seen before communicates: ${asset.label}${hardware === '' ? '' : `, network card ${hardware}`}.`,
      // Switches and network cards speak up every few minutes or hours: a short time of learning misses some.
      severity: isLinkOnly ? 'informational' : 'medium',
      source: asset,
      target: null,
      protocol: null,
      object: null,
      techniques: ['T0864'],
      expected: `One of the ${knownAssets} devices that were learned.`,
      observed: `${asset.ip || asset.label}${hardware === '' ? '' : ` (${hardware})`}`,
      recommendation:
        'Find out whose device this is and whether it was announced. If it belongs here, approve it in the device list; if nobody knows it, disconnect it at the switch.',
      key: asset.ip || (asset.asset ?? asset.label),
    };
  },
};
