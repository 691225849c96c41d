import type { DeviationModel } from '../../model.js';

/** A device that answered does not answer any more. */
export const deviceSilent: DeviationModel = {
  id: 'device-silent',
  description: 'A device that is still asked, but does not answer any more.',
  judge(novelty) {
    if (novelty.kind !== 'silence' || novelty.silent !== 'server') return null;
    const { conversation, unit, since, requests, observations } = novelty;
    const { client, server, protocol } = conversation;
    const who = unit === null ? server.label : `${unit} of ${server.label}`;
    return {
      title: 'Device does not answer any more',
      description: `${who} has answered none of ${requests} requests of ${client.label} since ${since}. Whoever depends on its values is blind.`,
      severity: 'high',
      source: client,
      target: server,
      protocol,
      object: unit,
      techniques: ['T0814', 'T0815', 'T0829'],
      expected: `An answer to each request (${observations} requests were seen before).`,
      observed: `${requests} requests without an answer since ${since}.`,
      recommendation:
        'Look at the device on site: whether it runs, and whether its communication was switched off. Look at the alerts just before this one for what may have silenced it.',
      key: `${server.ip} ${protocol} ${unit ?? ''}`,
      tellsExtent: true,
    };
  },
};
