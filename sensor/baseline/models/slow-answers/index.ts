import type { DeviationModel } from '../../model.js';

/** A device answers, but far later than it ever did. */
export const slowAnswers: DeviationModel = {
  id: 'slow-answers',
  description: 'A device whose answers take far longer than they ever did during learning.',
  judge(novelty) {
    if (novelty.kind !== 'delay') return null;
    const { conversation, object, learned, observed, answers, observations } = novelty;
    const { client, server, protocol } = conversation;
    return {
      title: 'Answers come far later than usual',
      description: `${server.label} takes ${observed} seconds to answer ${client.label} (${object}). It never took longer than ${learned} seconds. Whoever looks at its values sees the past.`,
      severity: 'medium',
      source: client,
      target: server,
      protocol,
      object,
      techniques: ['T0814', 'T0830'],
      expected: `An answer within ${learned} seconds (from ${observations} intervals of ten seconds).`,
      observed: `${answers} answers in a row that took up to ${observed} seconds.`,
      recommendation:
        'Look at what else talks to the device, and whether somebody has come in between it and this station. Then look at the load of the device itself.',
      key: `${client.ip} ${server.ip} ${protocol}`,
      tellsExtent: true,
    };
  },
};
