import type { DeviationModel } from '../../model.js';

const FIELD_TITLES: Readonly<Record<string, string>> = {
  firmware: 'firmware',
  serial: 'serial number',
  model: 'model',
  order_number: 'order number',
  hardware_revision: 'hardware revision',
};

/** A device that says it is another one, or that runs other firmware, than before. */
export const identityChanged: DeviationModel = {
  id: 'identity-changed',
  description: 'Firmware, serial number or model of a device differ from what it said before.',
  judge(novelty) {
    if (novelty.kind !== 'identity') return null;
    const { asset, unit, field, from, to, source, since } = novelty;
    const what = FIELD_TITLES[field] ?? field;
    const who = unit === null ? asset.label : `${asset.label}, ${unit}`;
    const isFirmware = field === 'firmware';
    return {
      title: isFirmware ? 'Firmware of a device changed' : 'A device says it is another one',
      description: `${who}: the ${what} was "${from}" until ${since}, and is "${to}" now (${source}).`,
      severity: 'high',
      source: null,
      target: asset,
      protocol: null,
      object: unit,
      // System firmware, or a device in the place of another.
      techniques: [isFirmware ? 'T1693.001' : 'T0849'],
      expected: `${what} "${from}", as it was last told at ${since}.`,
      observed: `${what} "${to}" (${source})`,
      recommendation: isFirmware
        ? "Ask whether an update was planned. If not, compare the firmware with the maker's before the device goes on controlling."
        : 'Ask whether the device was replaced. If not, look at the switch port: somebody may be answering in its place.',
      key: `${asset.asset ?? asset.ip} ${unit ?? ''} ${field}`,
    };
  },
};
