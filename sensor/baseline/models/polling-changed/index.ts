import type { DeviationModel } from '../../model.js';

/** Cyclic requests come faster or more slowly than they did. */
export const pollingChanged: DeviationModel = {
  id: 'polling-changed',
  description: 'Cyclic requests whose period has changed.',
  judge(novelty) {
    if (novelty.kind !== 'period') return null;
    const { conversation, object, learned, observed, observations } = novelty;
    const { client, server, protocol } = conversation;
    return {
      title: 'Cyclic requests come at another pace',
      // Protocols that are not taken apart name nothing.
      description:
        object === ''
          ? `${client.label} asks ${server.label} every ${observed} seconds. It did so every ${learned} seconds.`
          : `${client.label} asks ${server.label} for ${object} every ${observed} seconds. It did so every ${learned} seconds.`,
      severity: 'low',
      source: client,
      target: server,
      protocol,
      object,
      techniques: ['T0830', 'T0814'],
      expected: `Every ${learned} seconds (from ${observations} requests).`,
      observed: `Every ${observed} seconds.`,
      recommendation:
        'Ask whether the program of this station was changed. A second program at the same address, or somebody between the two, changes the pace as well.',
      key: `${client.ip} ${server.ip} ${protocol}`,
    };
  },
};
