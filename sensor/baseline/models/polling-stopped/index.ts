import type { DeviationModel } from '../../model.js';

/** A station that asked cyclically does not ask any more. */
export const pollingStopped: DeviationModel = {
  id: 'polling-stopped',
  description: 'Cyclic requests of a station to a device that have ceased.',
  judge(novelty) {
    if (novelty.kind !== 'silence' || novelty.silent !== 'client') return null;
    const { conversation, since, period, observations, extent } = novelty;
    const { client, server, protocol, protocolTitle } = conversation;
    const others = extent.length > 1 ? ` Nor does it ask ${extent.length - 1} other devices.` : '';
    return {
      title: 'Cyclic requests have stopped',
      description: `${client.label} has asked ${server.label} nothing in ${protocolTitle} since ${since}. It did so every ${period} seconds.${others}`,
      severity: 'medium',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: ['T0815', 'T0826', 'T0829'],
      expected: `A request every ${period} seconds (${observations} requests were seen before).`,
      observed: extent.length > 1 ? `None since ${since}: ${extent.join(', ')}` : `None since ${since}.`,
      recommendation:
        'Check whether the station runs, whether its connection to the device is interrupted, and whether somebody sees this part of the plant another way.',
      // A station that is switched off leaves all of its devices alone.
      key: `${client.ip} ${protocol}`,
      tellsExtent: true,
    };
  },
};
