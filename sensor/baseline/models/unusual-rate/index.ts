import type { DeviationModel } from '../../model.js';

/** Far more requests, changes or refusals than there ever were. */
export const unusualRate: DeviationModel = {
  id: 'unusual-rate',
  description: 'A station that asks, changes something or is refused far more often than during learning.',
  judge(novelty) {
    if (novelty.kind !== 'rate') return null;
    const { conversation, counted, seconds, learned, observed, observations } = novelty;
    const { client, server, protocol } = conversation;
    const base = {
      source: client,
      target: server,
      protocol,
      object: null,
      expected: `At most ${learned} within ${seconds} seconds (from ${observations} such intervals).`,
      observed: `${observed} within ${seconds} seconds.`,
      key: `${client.ip} ${server.ip} ${protocol} ${counted}`,
      tellsExtent: true,
    };
    switch (counted) {
      case 'requests':
        return {
          ...base,
          title: 'Far more requests than usual',
          description: `${client.label} sent ${observed} requests to ${server.label} within ${seconds} seconds. It never sent more than ${learned}.`,
          severity: 'medium',
          techniques: ['T0814', 'T0806'],
          recommendation: 'Look at what this station sends and whether the device still answers everybody in time.',
        };
      case 'changes':
        return {
          ...base,
          title: 'Far more changes than usual',
          description: `${client.label} changed something on ${server.label} ${observed} times within ${seconds} seconds. It never did so more than ${learned} times.`,
          severity: 'medium',
          techniques: ['T0806', 'T0855'],
          recommendation:
            'Look at what was written, and ask who worked at this station: a program that repeats or replays commands wears out what it moves.',
        };
      default:
        return {
          ...base,
          title: 'Far more refused requests than usual',
          description: `${server.label} refused ${observed} requests of ${client.label} within ${seconds} seconds. It never refused more than ${learned}.`,
          severity: 'low',
          techniques: ['T0888'],
          recommendation: 'Look at what this station asks for and why the device does not know it.',
        };
    }
  },
};
