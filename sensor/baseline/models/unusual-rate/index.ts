import type { DeviationModel } from '../../model.js';

/** Far more requests, or refusals, than there ever were. */
export const unusualRate: DeviationModel = {
  id: 'unusual-rate',
  description: 'A station that asks far more often, or is refused far more often, than during learning.',
  judge(novelty) {
    if (novelty.kind !== 'rate') return null;
    const { conversation, counted, seconds, learned, observed, observations } = novelty;
    const { client, server, protocol } = conversation;
    const isFlood = counted === 'requests';
    return {
      title: isFlood ? 'Far more requests than usual' : 'Far more refused requests than usual',
      description: isFlood
        ? `${client.label} sent ${observed} requests to ${server.label} within ${seconds} seconds. It never sent more than ${learned}.`
        : `${server.label} refused ${observed} requests of ${client.label} within ${seconds} seconds. It never refused more than ${learned}.`,
      severity: isFlood ? 'medium' : 'low',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: isFlood ? ['T0814', 'T0806'] : ['T0888'],
      expected: `At most ${learned} within ${seconds} seconds (from ${observations} such intervals).`,
      observed: `${observed} within ${seconds} seconds.`,
      recommendation: isFlood
        ? 'Look at what this station sends and whether the device still answers everybody in time.'
        : 'Look at what this station asks for and why the device does not know it.',
      key: `${client.ip} ${server.ip} ${protocol} ${counted}`,
      tellsExtent: true,
    };
  },
};
